import { Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import type { ExternalSystem, OwnField } from "../../app/ownFields";
import { labelOf } from "../../domain/locale";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Radio, RadioGroup } from "../../ui/Choice/Choice";
import { TextArea, TextField } from "../../ui/Field/Field";
import { Select } from "../../ui/Select/Select";
import { FormGrid, Span } from "../parts/Span";
import { ADDRESS_KINDS, type AddressDraft, ADDRESSES_MAX, type ContactDraft, EXTERNAL_IDS_MAX, type ExternalIdDraft } from "./contactForm";
import css from "./contacts.module.css";

export interface ContactFormProps {
  draft: ContactDraft;
  onChange: (draft: ContactDraft) => void;
  /** Faults in words, by field. */
  wrong: Record<string, string>;
  /** Fields that an administrator defined. */
  own: readonly OwnField[];
  systems: readonly ExternalSystem[];
  isReadOnly: boolean;
}

/** Fields of a person or a company. */
export function ContactForm({ draft, onChange, wrong, own, systems, isReadOnly }: ContactFormProps) {
  const set = (change: Partial<ContactDraft>) => onChange({ ...draft, ...change });
  const text = (field: "name" | "company" | "status" | "note") => ({ value: draft[field], onChange: (value: string) => set({ [field]: value }), error: wrong[field], isReadOnly });
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
      <Span of={3}>{draft.kind === "person" && <TextField label={m.admin_company()} labelNote={m.admin_optional()} {...text("company")} />}</Span>
      <Span of={3}><TextField label={m.admin_contact_status()} labelNote={m.admin_optional()} placeholder="VIP" {...text("status")} /></Span>
      <Span of={6}><Addresses lines={draft.addresses} onChange={(addresses) => set({ addresses })} wrong={wrong} isReadOnly={isReadOnly} /></Span>
      <Span of={6}><ExternalIds lines={draft.externalIds} systems={systems} onChange={(externalIds) => set({ externalIds })} wrong={wrong} isReadOnly={isReadOnly} /></Span>
      {own.filter(({ active }) => active).map((field) => (
        <Span key={field.key} of={field.type === "text" ? 6 : 3}><OwnInput field={field} value={draft.fields[field.key] ?? ""} onChange={(value) => set({ fields: { ...draft.fields, [field.key]: value } })} error={wrong[`fields.${field.key}`]} isReadOnly={isReadOnly} /></Span>
      ))}
      <Span of={6}><TextArea label={m.admin_note()} labelNote={m.admin_optional()} rows={3} {...text("note")} /></Span>
    </FormGrid>
  );
}

interface OwnInputProps {
  field: OwnField;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  isReadOnly: boolean;
}

/** A field by what may stand in it. */
function OwnInput({ field, value, onChange, error, isReadOnly }: OwnInputProps) {
  const label = labelOf(field.labels, field.key);
  const common = { label, ...(field.required ? { isRequired: true } : { labelNote: m.admin_optional() }), value, onChange, error };
  if (field.type === "choice" || field.type === "yes_no") {
    const offered = field.type === "choice" ? (field.choices ?? []).map((one) => ({ id: one, label: one })) : [{ id: "true", label: m.admin_yes() }, { id: "false", label: m.admin_no() }];
    return <Select {...common} choices={[{ id: "", label: "–" }, ...offered]} isDisabled={isReadOnly} />;
  }
  if (field.type === "text") return <TextArea {...common} rows={2} isReadOnly={isReadOnly} />;
  if (field.type === "number") return <TextField {...common} inputMode="decimal" isReadOnly={isReadOnly} />;
  return <TextField {...common} type={field.type === "date" ? "date" : "url"} isReadOnly={isReadOnly} />;
}

const KIND_WORDS: Record<AddressDraft["kind"], () => string> = {
  phone: m.admin_address_phone,
  mobile: m.admin_address_mobile,
  email: m.admin_email,
  fax: m.admin_address_fax,
  contact_centre: m.admin_address_contact_centre,
  other: m.admin_address_other,
};

interface LinesProps<T> {
  lines: readonly T[];
  onChange: (lines: readonly T[]) => void;
  wrong: Record<string, string>;
  isReadOnly: boolean;
}

function Addresses({ lines, onChange, wrong, isReadOnly }: LinesProps<AddressDraft>) {
  const kinds = ADDRESS_KINDS.map((id) => ({ id, label: KIND_WORDS[id]() }));
  return (
    <Lines title={m.admin_addresses()} add={m.admin_address_add()} lines={lines} fresh={{ kind: "phone", address: "", label: "" }} most={ADDRESSES_MAX} full={m.admin_addresses_full()} onChange={onChange} isReadOnly={isReadOnly}>
      {(one, set, nth) => (
        <>
          <Select aria-label={m.admin_address_kind({ nth })} choices={kinds} value={one.kind} isDisabled={isReadOnly} onChange={(id) => set({ kind: ADDRESS_KINDS.find((kind) => kind === id) ?? "other" })} />
          <TextField aria-label={m.admin_address_nth({ nth })} type={one.kind === "email" ? "email" : "text"} inputMode={one.kind === "email" ? "email" : "tel"} placeholder={one.kind === "email" ? "jana@example.com" : "+420 605 550 142"} isReadOnly={isReadOnly} value={one.address} onChange={(address) => set({ address })} error={wrong[`address ${one.key}`]} />
          <div className={css.label}><TextField aria-label={m.admin_address_label({ nth })} placeholder={m.admin_number_label_hint()} isReadOnly={isReadOnly} value={one.label} onChange={(label) => set({ label })} /></div>
        </>
      )}
    </Lines>
  );
}

function ExternalIds({ lines, systems, onChange, wrong, isReadOnly }: LinesProps<ExternalIdDraft> & { systems: readonly ExternalSystem[] }) {
  const known = new Map([["default", m.admin_external_default()], ...systems.map(({ key, name }) => [key, name] as const)]);
  for (const { system } of lines) if (!known.has(system)) known.set(system, system);
  const choices = [...known].map(([id, label]) => ({ id, label }));
  return (
    <Lines title={m.admin_external_ids()} add={m.admin_external_id_add()} lines={lines} fresh={{ system: systems[0]?.key ?? "default", id: "" }} most={EXTERNAL_IDS_MAX} full={m.admin_addresses_full()} onChange={onChange} isReadOnly={isReadOnly}>
      {(one, set, nth) => (
        <>
          <Select aria-label={m.admin_external_system({ nth })} choices={choices} value={one.system} isDisabled={isReadOnly} onChange={(system) => set({ system })} />
          <TextField aria-label={m.admin_external_id_nth({ nth })} isReadOnly={isReadOnly} value={one.id} onChange={(id) => set({ id })} error={wrong[`id ${one.key}`]} />
        </>
      )}
    </Lines>
  );
}

interface LinesOfProps<T> {
  title: string;
  add: string;
  lines: readonly T[];
  fresh: Omit<T, "key">;
  most: number;
  /** Why there are no more than so many. */
  full: string;
  onChange: (lines: readonly T[]) => void;
  isReadOnly: boolean;
  children: (one: T, set: (change: Partial<T>) => void, nth: number) => ReactNode;
}

/** Lines of fields; one is added below, each can be taken away. */
function Lines<T extends { key: string }>({ title, add, lines, fresh, most, full, onChange, isReadOnly, children }: LinesOfProps<T>) {
  const put = (key: string, change: Partial<T>) => onChange(lines.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const more = () => onChange([...lines, { ...fresh, key: crypto.randomUUID() } as T]);
  return (
    <fieldset className={css.lines}>
      <legend className={css.legend}>{title}</legend>
      {lines.map((one, at) => (
        <div key={one.key} className={css.line}>
          {children(one, (change) => put(one.key, change), at + 1)}
          {!isReadOnly && <IconButton kind="quiet" icon={<Trash2 aria-hidden />} label={m.acd_take_away({ what: `${title} ${at + 1}` })} onPress={() => onChange(lines.filter((other) => other.key !== one.key))} />}
        </div>
      ))}
      {!isReadOnly && <Button size="sm" icon={<Plus aria-hidden />} reason={lines.length >= most ? full : null} onPress={more}>{add}</Button>}
    </fieldset>
  );
}
