import { Plus, X } from "lucide-react";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Empty } from "../../ui/Empty/Empty";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { useWhole } from "../acd/useWhole";
import { CopyBlock } from "../parts/CopyBlock";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { isOrigin, snippetOf } from "./frames";
import css from "./setup.module.css";

interface EmbedHost {
  origin: string;
  name: string;
}

/** Whose pages may show the desk in a frame of theirs: nobody's, until one is named here. */
export function FramesPart() {
  const hosts = useWhole<EmbedHost>("/v1/embed_hosts", "embed_hosts", { tries: false });
  const { items } = hosts;
  const put = (at: number, change: Partial<EmbedHost>) => hosts.set(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  const faults = hosts.isDirty ? items.filter(({ origin, name }) => !isOrigin(origin) || name.trim() === "").length : 0;
  const add = <Button size="sm" icon={<Plus aria-hidden />} onPress={() => hosts.set([...items, { origin: "", name: "" }])}>{m.admin_embed_add()}</Button>;
  return (
    <Pane
      title={m.admin_embed()}
      note={m.admin_embed_note()}
      head="admin"
      actions={add}
      foot={<SaveBar save={hosts.save} faults={hosts.faults + faults} isDirty={hosts.isDirty} onSave={() => hosts.store()} onDiscard={hosts.drop} onTheirs={hosts.drop} />}
    >
      <Loaded query={hosts.query} title={m.admin_embed_unread()}>
        {() => (items.length === 0 ? <Empty icon={<Plus />} title={m.admin_embed_none()}>{m.admin_embed_none_text()}</Empty> : (
          <ul className={css.frames} aria-label={m.admin_embed()}>
            {items.map((host, at) => (
              <li key={at} className={css.frame}>
                <TextField label={m.admin_embed_name()} value={host.name} maxLength={80} onChange={(name) => put(at, { name })} error={hosts.error(`${at}.name`)} />
                <TextField label={m.admin_embed_origin()} value={host.origin} spellCheck="false" placeholder="https://acme.my.salesforce.com" onChange={(origin) => put(at, { origin })} error={hosts.error(`${at}.origin`) ?? (host.origin !== "" && !isOrigin(host.origin) ? m.admin_embed_origin_bad() : undefined)} />
                <IconButton kind="quiet" label={m.admin_embed_remove({ name: host.name || host.origin || String(at + 1) })} icon={<X aria-hidden />} onPress={() => hosts.set(items.filter((_, nth) => nth !== at))} />
              </li>
            ))}
          </ul>
        ))}
      </Loaded>
    </Pane>
  );
}

/** What the page of the other system takes in. */
export function FramesSnippet() {
  return (
    <Pane title={m.admin_embed_snippet()} head="admin" ground="canvas" padded>
      <CopyBlock label={m.admin_embed_snippet()} text={snippetOf(globalThis.location.origin)} />
    </Pane>
  );
}
