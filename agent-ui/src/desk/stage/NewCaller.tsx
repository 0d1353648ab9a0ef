import { UserPlus } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call as request } from "../../api/client";
import type { ContactView } from "../../api/types";
import { useDraft } from "../../app/drafts";
import { useRights } from "../../app/hooks";
import { errorText, fieldErrors } from "../../domain/can";
import { phone } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { ComboBox } from "../../ui/ComboBox/ComboBox";
import { TextField } from "../../ui/Field/Field";
import { Message } from "../../ui/Message/Message";
import { useAddContact, useChooseContact, useSaveContact } from "../useCall";
import css from "./Stage.module.css";

interface NewCallerProps {
  call: string;
  /** As the call has it; to be known next time. */
  number: string;
  /** Name the switch told, as a proposal. */
  proposal: string;
}

/** An unknown caller: write a new contact, or give the number to one that exists. Both stand on the call at once. */
export function NewCaller({ call, number, proposal }: NewCallerProps) {
  const rights = useRights();
  // Kept per call: answering swaps the card for the call, not what was typed.
  const [typedName, typeName, nameDraft] = useDraft(`caller-name:${call}`);
  const [company, setCompany, companyDraft] = useDraft(`caller-company:${call}`);
  const [isTouched, setTouched] = useState(false);
  const name = typedName === "" && !isTouched ? proposal : typedName;
  const setName = (text: string) => { setTouched(true); typeName(text); };
  const [search, setSearch] = useState("");
  const [existing, setExisting] = useState<ContactView | null>(null);
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const found = useSearch(search);
  const [add, save, choose] = [useAddContact(), useSaveContact(), useChooseContact(call)];
  const store = async () => {
    setState({ busy: true, error: null });
    try {
      const contact = existing === null
        ? await add({ kind: name.trim() === "" ? "company" : "person", name: name.trim() || company.trim(), ...(name.trim() !== "" && company.trim() !== "" ? { company: company.trim() } : {}), numbers: [{ number, kind: "phone" }] })
        : await save(existing, { numbers: [...existing.numbers.map(asSent), { number, kind: "phone" }] });
      await choose(contact.id);
      nameDraft.clear();
      companyDraft.clear();
      setState({ busy: false, error: null });
    } catch (error) {
      setState({ busy: false, error });
    }
  };
  if (!rights.has("contact.write")) return <p className={css.quiet}>{m.desk_contact_no_right()}</p>;
  const errors = fieldErrors(state.error);
  const isEmpty = existing === null && name.trim() === "" && company.trim() === "";
  return (
    <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (!isEmpty && !state.busy) void store(); }}>
      <div className={css.formHead}><h3>{m.desk_write_caller()}</h3><span>{m.desk_or_attach()}</span></div>
      <div className={css.formGrid}>
        <TextField label={m.desk_person_name()} size="lg" value={name} onChange={setName} isDisabled={existing !== null} placeholder={m.desk_from_talk()} error={errors.name ?? null} autoComplete="off" />
        <TextField label={m.desk_company()} size="lg" value={company} onChange={setCompany} isDisabled={existing !== null} error={errors.company ?? null} autoComplete="off" />
        <TextField label={m.desk_phone()} size="lg" value={phone(number)} isReadOnly hint={m.desk_known_next_time()} error={errors["numbers.0.number"] ?? null} />
        <ComboBox label={m.desk_attach_to()} size="lg" look="search" filtered inputValue={search} onInputChange={(text) => { setSearch(text); if (existing !== null && text !== existing.name) setExisting(null); }} choices={found.map((one) => ({ id: one.id, label: one.name, note: one.company ?? undefined }))} value={existing?.id ?? null} onPick={(id) => { const one = found.find((contact) => contact.id === id); if (one) { setExisting(one); setSearch(one.name); } }} placeholder={m.desk_search_contacts()} empty={search.trim() === "" ? m.desk_type_to_search() : m.desk_nobody_found()} menuTrigger="input" />
      </div>
      {state.error !== null && Object.keys(errors).length === 0 && <Message tone="bad" live="alert">{errorText(state.error)}</Message>}
      <div className={css.formActions}>
        <Button type="submit" size="lg" icon={<UserPlus aria-hidden />} isPending={state.busy} reason={isEmpty ? m.desk_name_first() : null}>{existing === null ? m.desk_save_person() : m.desk_attach_number()}</Button>
      </div>
    </form>
  );
}

/** What the server reads of a number itself is not sent. */
const asSent = ({ number, kind, label }: ContactView["numbers"][number]): ContactView["numbers"][number] => ({ number, kind, label: label ?? null });

const NOBODY: readonly ContactView[] = [];

/** Contacts by a piece of their name, firm or number. */
export function useSearch(text: string): readonly ContactView[] {
  const wanted = text.trim();
  const { data } = useQuery({
    queryKey: ["contacts", "search", wanted],
    queryFn: () => request<{ items: ContactView[] }>("GET", `/v1/contacts?${new URLSearchParams({ q: wanted, limit: "20" })}`),
    enabled: wanted.length >= 2,
    placeholderData: (before) => before,
  });
  return wanted.length < 2 ? NOBODY : (data?.items ?? NOBODY);
}
