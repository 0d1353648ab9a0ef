import { m } from "../../i18n/generated/messages.js";
import { TextArea, TextField } from "../../ui/Field/Field";
import { Select } from "../../ui/Select/Select";
import { Span } from "../parts/Span";
import { dialectOf, dialectsOf, isOpen, OPEN_CHOICES } from "./cstaForm";
import type { Part } from "./SwitchForm";
import { withUsualPort } from "./switchForm";

/** How a CSTA switch speaks, and which of its devices are followed. */
export function CstaFields({ draft, text, set, isReadOnly, wrong }: Part) {
  const choices = dialectsOf(draft.kind).map(({ id, label }) => ({ id, label }));
  const dialect = dialectOf(draft.kind, draft.dialect)?.id ?? null;
  const pick = (dialect: string) => set(withUsualPort(draft, { ...draft, dialect }));
  return (
    <>
      <Span of={draft.kind === "avaya-dmcc" ? 3 : 6}><Select label={m.admin_dialect()} choices={choices} value={dialect} onChange={pick} isDisabled={isReadOnly} error={wrong.dialect} /></Span>
      {draft.kind === "avaya-dmcc" && <Span of={3}><TextField label={m.admin_switch_name()} hint={m.admin_switch_name_hint()} {...text("switch_name")} /></Span>}
      {isOpen(draft.kind, draft.dialect) && <OpenChoices draft={draft} set={set} isReadOnly={isReadOnly} wrong={wrong} />}
      <Span of={6}><TextField label={m.admin_stations()} labelNote={m.admin_optional()} mono placeholder="1001-1020, 1105" hint={m.admin_stations_hint()} {...text("stations")} /></Span>
      <Span of={6}><TextArea label={m.admin_column_queues()} labelNote={m.admin_optional()} rows={3} placeholder="600; Support; 10" hint={m.admin_csta_queues_hint()} {...text("queues")} /></Span>
    </>
  );
}

/** What this dialect leaves open: named here, or tried one after the other. */
function OpenChoices({ draft, set, isReadOnly, wrong }: Pick<Part, "draft" | "set" | "isReadOnly" | "wrong">) {
  const labels = { framing: m.admin_framing(), phase: m.admin_phase(), session: m.admin_session_start() };
  return (["framing", "phase", "session"] as const).map((field) => {
    const choices = [{ id: "", label: m.admin_try_all() }, ...OPEN_CHOICES[field].map((id) => ({ id, label: id }))];
    return <Span of={2} key={field}><Select label={labels[field]} choices={choices} value={draft[field]} onChange={(value) => set({ [field]: value })} isDisabled={isReadOnly} error={wrong[field]} /></Span>;
  });
}
