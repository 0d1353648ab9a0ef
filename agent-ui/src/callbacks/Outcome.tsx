import { useDraft } from "../app/drafts";
import { labelOf } from "../domain/locale";
import { leaves } from "../desk/tools/categories";
import { useDispositions } from "../desk/tools/useDispositions";
import { m } from "../i18n/generated/messages.js";
import { Select } from "../ui/Select/Select";

const UNSAID = "";

/** What came of a piece of work, as it is being written: the same beside the list and in the notice. */
export function useResult(id: string) {
  const [code, setCode, outcome] = useDraft(`outcome:${id}`);
  const [note, setNote, words] = useDraft(`done:${id}`);
  return {
    outcome: code || null,
    setOutcome: (chosen: string | null) => setCode(chosen ?? ""),
    note,
    setNote,
    body: { outcome: code || null, note: note.trim() || null },
    clear: () => {
      outcome.clear();
      words.clear();
    },
  };
}

/** What came of a piece of work: one of the call categories, or nothing said. */
export function OutcomeField({ value, onChange }: { value: string | null; onChange: (outcome: string | null) => void }) {
  const all = useDispositions();
  const choices = leaves(all, (one) => labelOf(one.labels, one.code)).filter(({ active }) => active).map(({ code, path }) => ({ id: code, label: path }));
  return <Select label={m.notice_outcome()} choices={[{ id: UNSAID, label: m.notice_outcome_none() }, ...choices]} value={value ?? UNSAID} onChange={(code) => onChange(code === UNSAID ? null : code)} />;
}
