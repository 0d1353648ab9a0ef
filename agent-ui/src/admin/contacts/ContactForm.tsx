import { Plus, Trash2 } from "lucide-react";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Radio, RadioGroup } from "../../ui/Choice/Choice";
import { TextArea, TextField } from "../../ui/Field/Field";
import { FormGrid, Span } from "../parts/Span";
import { type ContactDraft, NUMBERS_MAX, type NumberDraft } from "./contactForm";
import css from "./contacts.module.css";

export interface ContactFormProps {
  draft: ContactDraft;
  onChange: (draft: ContactDraft) => void;
  /** Faults in words, by field. */
  wrong: Record<string, string>;
  /** Faults of numbers, by key. */
  wrongNumbers: Record<string, string>;
  isReadOnly: boolean;
}

/** Fields of a person or a company. */
export function ContactForm({ draft, onChange, wrong, wrongNumbers, isReadOnly }: ContactFormProps) {
  const set = (change: Partial<ContactDraft>) => onChange({ ...draft, ...change });
  const text = (field: "name" | "company" | "email" | "external_id" | "note") => ({ value: draft[field], onChange: (value: string) => set({ [field]: value }), error: wrong[field], isReadOnly });
  return (
    <FormGrid>
      <Span of={6}>
        <RadioGroup aria-label={m.admin_contact_kind()} orientation="horizontal" value={draft.kind} isReadOnly={isReadOnly} onChange={(kind) => set({ kind: kind === "company" ? "company" : "person" })}>
          <div className={css.kinds}>
            <Radio value="person">{m.admin_contact_person_kind()}</Radio>
            <Radio value="company">{m.admin_contact_company_kind()}</Radio>
          </div>
        </RadioGroup>
      </Span>
      <Span of={6}><TextField label={m.admin_contact_name()} isRequired {...text("name")} /></Span>
      {draft.kind === "person" && <Span of={6}><TextField label={m.admin_company()} labelNote={m.admin_optional()} {...text("company")} /></Span>}
      <Span of={6}><Numbers numbers={draft.numbers} onChange={(numbers) => set({ numbers })} wrong={wrongNumbers} isReadOnly={isReadOnly} /></Span>
      <Span of={3}><TextField label={m.admin_email()} labelNote={m.admin_optional()} type="email" {...text("email")} /></Span>
      <Span of={3}><TextField label={m.admin_external_id()} labelNote={m.admin_optional()} hint={m.admin_external_id_hint()} {...text("external_id")} /></Span>
      <Span of={6}><TextArea label={m.admin_note()} labelNote={m.admin_optional()} rows={3} {...text("note")} /></Span>
    </FormGrid>
  );
}

function Numbers({ numbers, onChange, wrong, isReadOnly }: { numbers: readonly NumberDraft[]; onChange: (numbers: readonly NumberDraft[]) => void; wrong: Record<string, string>; isReadOnly: boolean }) {
  const set = (key: string, change: Partial<NumberDraft>) => onChange(numbers.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const add = () => onChange([...numbers, { key: crypto.randomUUID(), number: "", label: "" }]);
  return (
    <fieldset className={css.numbers}>
      <legend className={css.legend}>{m.admin_phone_numbers()}</legend>
      {numbers.map((one, at) => (
        <div key={one.key} className={css.number}>
          <TextField aria-label={m.admin_number_nth({ nth: at + 1 })} type="tel" placeholder="+420 605 550 142" isReadOnly={isReadOnly} value={one.number} onChange={(number) => set(one.key, { number })} error={wrong[one.key]} />
          <TextField aria-label={m.admin_number_label({ nth: at + 1 })} placeholder={m.admin_number_label_hint()} isReadOnly={isReadOnly} value={one.label} onChange={(label) => set(one.key, { label })} />
          {!isReadOnly && <IconButton kind="quiet" icon={<Trash2 aria-hidden />} label={m.admin_number_remove({ nth: at + 1 })} onPress={() => onChange(numbers.filter((other) => other.key !== one.key))} />}
        </div>
      ))}
      {!isReadOnly && <Button size="sm" icon={<Plus aria-hidden />} reason={numbers.length >= NUMBERS_MAX ? m.admin_numbers_full() : null} onPress={add}>{m.admin_number_add()}</Button>}
    </fieldset>
  );
}
