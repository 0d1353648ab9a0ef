import { ExternalLink, Pencil } from "lucide-react";
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../../api/client";
import type { ContactView } from "../../api/types";
import { useRights } from "../../app/hooks";
import { type OwnField, useOwnFields } from "../../app/ownFields";
import { errorText, fieldErrors } from "../../domain/can";
import { phone } from "../../domain/format";
import { labelOf } from "../../domain/locale";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { TextArea, TextField } from "../../ui/Field/Field";
import { Message } from "../../ui/Message/Message";
import { useSaveContact } from "../useCall";
import css from "./Stage.module.css";

/** Fields of the contact: read, edit, saving, saved, and somebody else was quicker. */
export function ContactCard({ contact }: { contact: ContactView }) {
  const [edits, setEdits] = useState(false);
  const [saved, setSaved] = useState(false);
  const rights = useRights();
  const own = useOwnFields();
  if (edits) return <ContactForm contact={contact} onDone={(ok) => { setEdits(false); setSaved(ok); }} />;
  const rows: [string, string][] = [
    ...(contact.status ? [[m.desk_contact_status(), contact.status] as [string, string]] : []),
    ...contact.numbers.map((one): [string, string] => [one.label ?? m.desk_phone(), phone(one.e164 ?? one.number)]),
    ...(contact.company ? [[m.desk_company(), contact.company] as [string, string]] : []),
    ...(contact.email ? [[m.desk_email(), contact.email] as [string, string]] : []),
    ...(contact.external_id ? [[m.desk_external_id(), contact.external_id] as [string, string]] : []),
    ...ownRows(contact, own),
    ...(contact.note ? [[m.desk_contact_note(), contact.note] as [string, string]] : []),
  ];
  return (
    <section className={css.contact} aria-label={m.desk_contact()}>
      <dl className={css.fields}>{rows.map(([label, value], at) => <div key={`${label}${at}`}><dt>{label}</dt><dd>{value.includes("@") ? <a href={`mailto:${value}`}>{value}</a> : value}</dd></div>)}</dl>
      <div className={css.contactFoot}>
        {contact.links.map(({ system, name, url }) => <a key={system} className={css.out} href={url} target="_blank" rel="noopener noreferrer"><ExternalLink aria-hidden />{name}</a>)}
        <Button kind="quiet" size="sm" icon={<Pencil aria-hidden />} reason={rights.has("contact.write") ? null : m.desk_contact_no_right()} onPress={() => { setSaved(false); setEdits(true); }}>{m.desk_edit()}</Button>
        {saved && <span role="status" className={css.saved}>{m.desk_saved()}</span>}
      </div>
    </section>
  );
}

/** What stands in the fields of the house, as people read it. */
function ownRows({ fields }: ContactView, own: readonly OwnField[]): [string, string][] {
  const values = fields as Record<string, unknown>;
  return own.flatMap(({ key, labels }): [string, string][] => {
    const value = values[key];
    if (value === undefined || value === null || value === "") return [];
    return [[labelOf(labels, key), typeof value === "boolean" ? (value ? m.desk_yes() : m.desk_no()) : String(value)]];
  });
}

interface ContactFormProps {
  contact: ContactView;
  onDone: (saved: boolean) => void;
}

function ContactForm({ contact, onDone }: ContactFormProps) {
  const queries = useQueryClient();
  const save = useSaveContact();
  const [draft, setDraft] = useState({ name: contact.name, company: contact.company ?? "", email: contact.email ?? "", note: contact.note ?? "" });
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const put = (field: keyof typeof draft) => (text: string) => setDraft({ ...draft, [field]: text });
  const isConflict = state.error instanceof ApiError && (state.error.code === "stale_version" || state.error.status === 412);
  const errors = fieldErrors(state.error);
  const submit = async () => {
    setState({ busy: true, error: null });
    try {
      await save(contact, { name: draft.name, company: draft.company || null, email: draft.email || null, note: draft.note || null });
      onDone(true);
    } catch (error) {
      setState({ busy: false, error });
      if (error instanceof ApiError && error.status === 412) await queries.invalidateQueries({ queryKey: ["contacts", contact.id] });
    }
  };
  return (
    <form className={css.form} aria-label={m.desk_contact()} onSubmit={(event) => { event.preventDefault(); if (!state.busy) void submit(); }}>
      <div className={css.formGrid}>
        <TextField label={m.desk_person_name()} value={draft.name} onChange={put("name")} isRequired error={errors.name ?? null} />
        <TextField label={m.desk_company()} value={draft.company} onChange={put("company")} error={errors.company ?? null} />
        <TextField label={m.desk_email()} type="email" value={draft.email} onChange={put("email")} error={errors.email ?? null} />
        <TextArea label={m.desk_contact_note()} rows={2} value={draft.note} onChange={put("note")} error={errors.note ?? null} />
      </div>
      {isConflict ? <Message tone="warn" title={m.desk_conflict()} live="alert">{m.desk_conflict_text({ name: contact.name })}</Message> : state.error !== null && <Message tone="bad" live="alert">{errorText(state.error)}</Message>}
      <div className={css.formActions}>
        <Button type="submit" isPending={state.busy}>{isConflict ? m.desk_save_anyway() : m.desk_save()}</Button>
        <Button kind="quiet" onPress={() => onDone(false)}>{m.desk_cancel()}</Button>
      </div>
    </form>
  );
}
