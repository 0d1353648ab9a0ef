import { useInfiniteQuery } from "@tanstack/react-query";
import { BookUser, ListPlus, Plus, Upload } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { call } from "../../api/client";
import type { ContactView } from "../../api/types";
import { dayAndTime, phone } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Dialog } from "../../ui/Dialog/Dialog";
import { Empty } from "../../ui/Empty/Empty";
import { SearchField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../../ui/Table/Table";
import { queryText } from "../data/pages";
import { contactsPage } from "../data/queries";
import type { ContactImport } from "../../api/types";
import { ImportPanel } from "../parts/ImportPanel";
import { Loaded } from "../parts/Loaded";
import parts from "../parts/parts.module.css";
import { useNarrow } from "../parts/useNarrow";
import css from "./contacts.module.css";

export interface ContactTableProps {
  chosen: string | null;
  onChoose: (id: string) => void;
  onNew: () => void;
  /** To the fields of contacts, for whoever defines them. */
  onFields?: () => void;
  /** Why nothing may be written; none when it may. */
  readOnly: string | null;
}

/** All contacts by name, searched by name, company, number or key. */
export function ContactTable({ chosen, onChoose, onNew, onFields, readOnly }: ContactTableProps) {
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const query = useInfiniteQuery({
    queryKey: ["contacts", "list", q],
    queryFn: ({ pageParam }) => contactsPage(q, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
  const isEmpty = q === "" && query.data?.pages[0]?.items.length === 0;
  return (
    <Pane
      title={m.admin_contacts()}
      head="admin"
      actions={(
        <>
          {onFields && <IconButton icon={<ListPlus aria-hidden />} label={m.admin_fields()} onPress={onFields} />}
          <Import reason={readOnly} />
          <Button icon={<Plus aria-hidden />} reason={readOnly} onPress={onNew}>{m.admin_add()}</Button>
        </>
      )}
      toolbar={<SearchField aria-label={m.admin_contacts_search()} placeholder={m.admin_contacts_search()} value={text} onChange={setText} />}
    >
      <Loaded query={query} title={m.admin_contacts_unread()}>
        {({ pages }) => <Rows items={pages.flatMap((page) => page.items)} isEmpty={isEmpty} chosen={chosen} onChoose={onChoose} />}
      </Loaded>
      {query.hasNextPage && <div className={css.more}><Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>{m.admin_more()}</Button></div>}
    </Pane>
  );
}

function Rows({ items, isEmpty, chosen, onChoose }: { items: readonly ContactView[]; isEmpty: boolean; chosen: string | null; onChoose: (id: string) => void }) {
  const width = useNarrow();
  const empty = isEmpty
    ? <Empty icon={<BookUser />} title={m.admin_contacts_none()}>{m.admin_contacts_none_text()}</Empty>
    : <Empty icon={<BookUser />} title={m.admin_nothing_found()}>{m.admin_nothing_found_text()}</Empty>;
  return (
    <Table
      label={m.admin_contacts()}
      selectionMode="single"
      selectionBehavior="replace"
      selectedKeys={chosen === null ? [] : [chosen]}
      onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }}
    >
      <TableHead>
        <Column id="name" isRowHeader span={width === "small" ? "50%" : "28%"}>{m.admin_contact_name()}</Column>
        {width !== "small" && <Column id="company" span="30%">{m.admin_company()}</Column>}
        <Column id="number">{m.admin_column_numbers()}</Column>
        {width === "wide" && <Column id="key" span="16%">{m.admin_external_id()}</Column>}
        {width !== "small" && <Column id="changed" align="end">{m.admin_column_changed()}</Column>}
      </TableHead>
      <TableBody items={items} dependencies={[width]} renderEmptyState={() => empty}>
        {(contact: ContactView) => (
          <Row id={contact.id}>
            <Cell truncate>{width === "small" ? <span className={parts.two}><span className={parts.strong}>{contact.name}</span><span>{contact.company}</span></span> : <span className={parts.strong}>{contact.name}</span>}</Cell>
            {width !== "small" && <Cell truncate>{contact.company ?? "–"}</Cell>}
            <Cell>{numbersText(contact)}</Cell>
            {width === "wide" && <Cell truncate>{contact.external_id ?? "–"}</Cell>}
            {width !== "small" && <Cell align="end">{dayAndTime(contact.changed_at)}</Cell>}
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

/** The first number whole, the others counted: numbers are never cut. */
function numbersText({ numbers }: ContactView): string {
  const [first, ...others] = numbers;
  if (first === undefined) return "–";
  const text = phone(first.e164 ?? first.number);
  return others.length === 0 ? text : `${text} +${others.length}`;
}

const TEMPLATE = "name;company;number;number2;label;email;external_id;note\nRadek Havlena;Kovovýroba Brázda;+420605550142;;mobil;;C-1001;\n";

function Import({ reason }: { reason: string | null }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Upload aria-hidden />} reason={reason} onPress={() => setOpen(true)}>{m.admin_import()}</Button>
      <Dialog title={m.admin_import_contacts()} width="lg" isOpen={open} onOpenChange={setOpen}>
        <ImportPanel<ContactImport>
          send={(file, dry_run) => call("POST", `/v1/contacts/import${queryText({ dry_run })}`, { text: { type: "text/csv", content: file } })}
          keys={["contacts", "setup"]}
          hint={m.admin_import_contacts_hint()}
          template={{ name: "contacts.csv", text: TEMPLATE }}
          figures={(result) => [{ label: m.admin_import_added(), value: result.added }, { label: m.admin_import_changed(), value: result.changed }]}
          changes={(result) => result.added + result.changed > 0}
          onDone={() => setOpen(false)}
        />
      </Dialog>
    </>
  );
}
