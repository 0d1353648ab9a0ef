import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { call } from "../../api/client";
import { errorText } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { TextField } from "../../ui/Field/Field";
import { InlineError, Message } from "../../ui/Message/Message";
import { SectionHead } from "../../ui/Pane/Pane";
import { Segments } from "../../ui/Segments/Segments";
import type { PopPreview } from "../../api/types";
import parts from "../parts/parts.module.css";
import type { RuleDraft } from "./ruleForm";
import { templateFault } from "./template";
import css from "./pops.module.css";

type Source = "last" | "typed";

/** The address as it would be opened, from the last call or a typed number. */
export function Preview({ draft, lastCall }: { draft: RuleDraft; lastCall: string | null }) {
  const [picked, setPicked] = useState<Source | null>(null);
  const [number, setNumber] = useState("+420605550142");
  const source = picked ?? (lastCall === null ? "typed" : "last");
  const wish = useDeferredValue(bodyOf(draft, source, lastCall, number));
  const canAsk = wish !== null && templateFault(wish.url_template) === null;
  const query = useQuery({
    queryKey: ["pop_preview", wish],
    queryFn: () => call<PopPreview>("POST", "/v1/pop_rules/preview", { body: wish }),
    enabled: canAsk,
    retry: false,
    placeholderData: (before) => before,
  });
  return (
    <>
      <SectionHead title={m.admin_preview()} />
      <div className={parts.stack}>
        <div className={parts.start}><Segments label={m.admin_preview_from()} value={source} onChange={setPicked} options={[{ id: "last", label: m.admin_preview_last() }, { id: "typed", label: m.admin_preview_typed() }]} /></div>
        {source === "typed" && <TextField label={m.admin_column_number()} type="tel" value={number} onChange={setNumber} />}
        {source === "last" && lastCall === null && <p className={parts.hint}>{m.admin_preview_no_call()}</p>}
        {!canAsk && <p className={parts.hint}>{m.admin_preview_wait()}</p>}
        {query.error !== null && canAsk && <InlineError>{errorText(query.error)}</InlineError>}
        {query.data !== undefined && canAsk && <Shown preview={query.data} />}
      </div>
    </>
  );
}

function bodyOf(draft: RuleDraft, source: Source, lastCall: string | null, number: string) {
  const common = { url_template: draft.url_template.trim(), ...(draft.queue !== null && { queue: draft.queue }) };
  if (source === "last") return lastCall === null ? null : { ...common, call: lastCall };
  return number.trim() === "" ? null : { ...common, number: number.trim() };
}

function Shown({ preview }: { preview: PopPreview }) {
  return (
    <>
      <output className={css.url}>{preview.url}</output>
      {preview.used.length > 0 && (
        <dl className={css.used}>
          {preview.used.map(({ name, value }) => <div key={name}><dt>{`{${name}}`}</dt><dd>{value || "–"}</dd></div>)}
        </dl>
      )}
      {preview.missing.length > 0 && <Message tone="warn">{m.admin_preview_missing({ names: preview.missing.map((name) => `{${name}}`).join(", ") })}</Message>}
    </>
  );
}
