import { ContactRound, Phone, Search } from "lucide-react";
import { useState } from "react";
import { AppLink } from "../app/AppLink";
import { useCommand, useRights } from "../app/hooks";
import { Page } from "../app/Page";
import { paths } from "../app/paths";
import type { ContactView } from "../api/types";
import { phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { SearchField } from "../ui/Field/Field";
import { Pane } from "../ui/Pane/Pane";
import { Colleagues } from "./colleagues/Colleagues";
import css from "./Directory.module.css";
import { useSearch } from "./stage/NewCaller";

/** Contacts by name, firm or number, and colleagues beside them. */
export function DirectoryPage() {
  const rights = useRights();
  return <Page title={m.desk_directory()} stage={rights.has("contact.read") ? <Contacts /> : <Colleagues />} {...(rights.has("contact.read") ? { tools: <Colleagues />, toolsLabel: m.desk_colleagues() } : {})} />;
}

function Contacts() {
  const [text, setText] = useState("");
  const found = useSearch(text);
  const isAsked = text.trim().length >= 2;
  return (
    <Pane title={m.desk_contacts()} ground="surface" actions={<AppLink to={paths.contacts()}>{m.desk_all_contacts()}</AppLink>} toolbar={<SearchField aria-label={m.desk_search_contacts()} placeholder={m.desk_search_contacts()} size="lg" value={text} onChange={setText} />}>
      {found.length === 0 ? <Empty icon={isAsked ? <Search /> : <ContactRound />} title={isAsked ? m.desk_nobody_found() : m.desk_contacts()}>{isAsked ? m.desk_nobody_found_text() : m.desk_directory_hint()}</Empty> : <ul className={css.list}>{found.map((contact) => <ContactRow key={contact.id} contact={contact} />)}</ul>}
    </Pane>
  );
}

function ContactRow({ contact }: { contact: ContactView }) {
  return (
    <li className={css.row}>
      <span className={css.words}><AppLink to={paths.contacts(contact.id)}>{contact.name}</AppLink>{contact.company && <span className="truncate">{contact.company}</span>}</span>
      <span className={css.numbers}>{contact.numbers.map((one, at) => <CallNumber key={`${one.number}${at}`} contact={contact} number={one.e164 ?? one.number} label={one.label ?? null} />)}</span>
    </li>
  );
}

function CallNumber({ contact, number, label }: { contact: ContactView; number: string; label: string | null }) {
  const { run, isPending } = useCommand(`make_call:${number}`);
  return <Button size="sm" icon={<Phone aria-hidden />} isPending={isPending} aria-label={m.desk_call_name({ name: `${contact.name}, ${label ?? ""} ${phone(number)}` })} onPress={() => void run("make_call", { to: number })}>{phone(number)}</Button>;
}
