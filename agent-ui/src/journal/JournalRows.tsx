import { PhoneIncoming, PhoneMissed, PhoneOutgoing, Repeat2, type LucideIcon } from "lucide-react";
import { AppLink } from "../app/AppLink";
import { useRights } from "../app/hooks";
import { useMedia } from "../app/media";
import { paths } from "../app/paths";
import { duration, phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { type CardItem, Cards } from "../ui/Cards/Cards";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../ui/Table/Table";
import css from "./journal.module.css";
import { callerText, type JournalKind, type JournalView, kindOf, kindWord, moment } from "./journal";

/** The lines as a table; as a card each where twelve columns have no room. */
export function JournalRows({ rows }: { rows: readonly JournalView[] }) {
  const isWide = useMedia("(min-width: 85rem)");
  return isWide ? <JournalTable rows={rows} /> : <JournalCards rows={rows} />;
}

function JournalTable({ rows }: { rows: readonly JournalView[] }) {
  return (
    <Table label={m.journal_title()} layout="fixed">
      <TableHead>
        <Column id="type" span="7rem">{m.journal_type()}</Column>
        <Column id="caller" isRowHeader span="8.75rem">{m.journal_caller()}</Column>
        <Column id="callee" span="8.75rem">{m.journal_callee()}</Column>
        <Column id="contact">{m.journal_contact()}</Column>
        <Column id="partner">{m.journal_partner()}</Column>
        <Column id="user">{m.journal_user()}</Column>
        <Column id="start" align="end" span="7.5rem">{m.journal_start()}</Column>
        <Column id="end" align="end" span="7.5rem">{m.journal_end()}</Column>
        <Column id="length" align="end" span="4.5rem">{m.journal_length()}</Column>
        <Column id="ring" align="end" span="5rem">{m.journal_ring()}</Column>
        <Column id="internal" span="4.5rem">{m.journal_internal()}</Column>
        <Column id="activity" span="6.5rem">{m.journal_activity()}</Column>
      </TableHead>
      <TableBody items={rows.map((row) => ({ ...row, id: row.call }))}>
        {(row) => (
          <Row id={row.id}>
            <Cell><Kind row={row} /></Cell>
            <Cell>{callerText(row)}</Cell>
            <Cell>{phone(row.callee) || "–"}</Cell>
            <Cell truncate><Contact row={row} /></Cell>
            <Cell truncate>{row.partner ?? "–"}</Cell>
            <Cell truncate>{row.user?.name ?? "–"}</Cell>
            <Cell align="end">{moment(row.started_at)}</Cell>
            <Cell align="end">{ended(row)}</Cell>
            <Cell align="end">{duration(row.length_ms)}</Cell>
            <Cell align="end">{duration(row.ring_ms)}</Cell>
            <Cell>{row.internal ? m.journal_yes() : m.journal_no()}</Cell>
            <Cell truncate>{row.activity ?? "–"}</Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function JournalCards({ rows }: { rows: readonly JournalView[] }) {
  return <Cards label={m.journal_title()} items={rows.map((row) => ({ id: row.call, head: <><Kind row={row} /><time dateTime={row.started_at}>{moment(row.started_at)}</time></>, facts: factsOf(row) }))} />;
}

function factsOf(row: JournalView): CardItem["facts"] {
  return [
    [m.journal_caller(), callerText(row)],
    [m.journal_callee(), phone(row.callee) || "–"],
    [m.journal_contact(), <Contact key="contact" row={row} />],
    [m.journal_partner(), row.partner ?? "–"],
    [m.journal_user(), row.user?.name ?? "–"],
    [m.journal_start(), moment(row.started_at)],
    [m.journal_end(), ended(row)],
    [m.journal_length(), duration(row.length_ms)],
    [m.journal_ring(), duration(row.ring_ms)],
    [m.journal_internal(), row.internal ? m.journal_yes() : m.journal_no()],
    [m.journal_activity(), row.activity ?? "–"],
  ];
}

const ICONS: Record<JournalKind, LucideIcon> = { received: PhoneIncoming, missed: PhoneMissed, dialled: PhoneOutgoing, internal: Repeat2 };

function Kind({ row }: { row: JournalView }) {
  const kind = kindOf(row);
  const Icon = ICONS[kind];
  return <span className={css.kind} data-tone={kind === "missed" ? "bad" : "off"}><Icon aria-hidden /><span>{kindWord(kind)}</span></span>;
}

/** The contact, with the way to it for those who may read contacts. */
function Contact({ row: { contact } }: { row: JournalView }) {
  const { has } = useRights();
  if (!contact) return "–";
  return has("contact.read") ? <AppLink to={paths.contacts(contact.id)}>{contact.name}</AppLink> : contact.name;
}

const ended = (row: JournalView): string => (row.ended_at ? moment(row.ended_at) : m.journal_running());
