import { useQuery } from "@tanstack/react-query";
import { Plus, Webhook as WebhookIcon } from "lucide-react";
import { useState } from "react";
import { Page } from "../app/Page";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { GridList, GridRow } from "../ui/List/List";
import { Pane } from "../ui/Pane/Pane";
import { Deliveries } from "./hooks/Deliveries";
import { HookTools, SecretOnce } from "./hooks/HookTools";
import { HOOK_LOOKS, type HookLook } from "./hooks/HookViews";
import { webhooksQuery } from "./hooks/queries";
import { type MadeSecret, STATE_TONES, stateOf, stateWord, type Webhook } from "./hooks/webhook";
import { WebhookForm } from "./hooks/WebhookForm";
import { Loaded } from "./parts/Loaded";
import parts from "./parts/parts.module.css";
import { useSearchText } from "./parts/useSearchText";
import css from "./hooks/hooks.module.css";

const NEW = "new";

/** Other systems that events are posted to: which of them, how they do, and what became of each event. */
export function WebhooksPage() {
  const [place, goTo] = useSearchText("hook", "view");
  const query = useQuery(webhooksQuery);
  const [made, setMade] = useState<MadeSecret | null>(null);
  const hooks = query.data ?? [];
  const chosen = place.hook === NEW ? undefined : hooks.find(({ id }) => id === place.hook) ?? hooks[0];
  const show = (hook: string | undefined) => goTo({ hook, view: undefined });
  const onMade = (fresh: MadeSecret) => {
    setMade(fresh);
    show(fresh.endpoint.id);
  };
  const list = (
    <Pane title={m.rail_hooks()} head="admin" ground="canvas" actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={() => show(NEW)}>{m.admin_add()}</Button>}>
      <Loaded query={query} title={m.hook_unread()}>{(all) => <Hooks hooks={all} chosen={chosen?.id ?? null} onChoose={show} />}</Loaded>
    </Pane>
  );
  const view = HOOK_LOOKS.find((one) => one === place.view) ?? "settings";
  const onView = (next: HookLook) => goTo({ view: next === "settings" ? undefined : next });
  const form = (chosen !== undefined || place.hook === NEW) && <WebhookForm key={chosen?.id ?? NEW} view={chosen} onMade={onMade} onGone={() => show(undefined)} onView={onView} />;
  const stage = chosen !== undefined && view === "deliveries" ? <Deliveries key={chosen.id} view={chosen} onView={onView} /> : form || <Nothing isRead={query.data !== undefined} onAdd={() => show(NEW)} />;
  return (
    <Page
      title={m.hook_title()}
      list={list}
      listLabel={m.rail_hooks()}
      toolsLabel={m.admin_column_state()}
      widths={{ list: 264, tools: 372 }}
      stage={<>{stage}{made !== null && <SecretOnce made={made} onClose={() => setMade(null)} />}</>}
      {...(chosen === undefined ? {} : { tools: <HookTools view={chosen} onSecret={setMade} /> })}
    />
  );
}

function Nothing({ isRead, onAdd }: { isRead: boolean; onAdd: () => void }) {
  return <Pane title={m.hook_title()} head="admin">{isRead && <Empty icon={<WebhookIcon />} title={m.hook_none()} action={<Button icon={<Plus aria-hidden />} onPress={onAdd}>{m.hook_make()}</Button>}>{m.hook_none_text()}</Empty>}</Pane>;
}

function Hooks({ hooks, chosen, onChoose }: { hooks: readonly Webhook[]; chosen: string | null; onChoose: (id: string) => void }) {
  if (hooks.length === 0) return null;
  return (
    <GridList label={m.rail_hooks()} items={hooks} selectionMode="single" disallowEmptySelection selectedKeys={chosen === null ? [] : [chosen]} onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }}>
      {(one) => {
        const state = stateOf(one);
        return (
          <GridRow id={one.id} text={one.name}>
            <span className={css.dot} data-tone={STATE_TONES[state]} aria-hidden />
            <span className={parts.two}><span className={parts.strong}>{one.name}</span><span>{stateWord(state)}</span></span>
          </GridRow>
        );
      }}
    </GridList>
  );
}
