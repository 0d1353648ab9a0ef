import { labelOf } from "../domain/locale";
import { leaves } from "../desk/tools/categories";
import { useDispositions } from "../desk/tools/useDispositions";
import { m } from "../i18n/generated/messages.js";
import { Select } from "../ui/Select/Select";

const UNSAID = "";

/** What came of a piece of work: one of the call categories, or nothing said. */
export function OutcomeField({ value, onChange }: { value: string | null; onChange: (outcome: string | null) => void }) {
  const all = useDispositions();
  const choices = leaves(all, (one) => labelOf(one.labels, one.code)).filter(({ active }) => active).map(({ code, path }) => ({ id: code, label: path }));
  return <Select label={m.notice_outcome()} choices={[{ id: UNSAID, label: m.notice_outcome_none() }, ...choices]} value={value ?? UNSAID} onChange={(code) => onChange(code === UNSAID ? null : code)} />;
}
