import { Phone, Upload } from "lucide-react";
import { useMemo, useState } from "react";
import { phone } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Dialog } from "../../ui/Dialog/Dialog";
import { Empty } from "../../ui/Empty/Empty";
import { SearchField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Segments } from "../../ui/Segments/Segments";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../../ui/Table/Table";
import { Loaded } from "../parts/Loaded";
import parts from "../parts/parts.module.css";
import { useNarrow } from "../parts/useNarrow";
import { Findings } from "./Findings";
import { MappingImportPanel } from "./MappingImportPanel";
import { OutsidePhones } from "./OutsidePhones";
import { PhoneState } from "./PhoneState";
import { QueueTable } from "./QueueTable";
import { filteredRows, type PhoneFilter, type PhoneRow } from "./rows";
import type { People } from "./usePeople";
import css from "./people.module.css";

export interface PeoplePartProps {
  people: People;
  chosen: string | null;
  onChoose: (key: string) => void;
  /** Goes to the other part of the set-up. */
  onPart: (part: "link" | "people") => void;
}

/** Phones, queue members and the people who use them, as the switch reports them. */
export function PeoplePart({ people, chosen, onChoose, onPart }: PeoplePartProps) {
  const [filter, setFilter] = useState<PhoneFilter>("all");
  const [text, setText] = useState("");
  const rows = useMemo(() => filteredRows(people.rows, filter, text), [people.rows, filter, text]);
  return (
    <Pane
      title={m.admin_people()}
      head="admin"
      actions={<Import />}
      toolbar={(
        <div className={css.tools}>
          <SearchField aria-label={m.admin_people_search()} placeholder={m.admin_people_search()} value={text} onChange={setText} />
          <Segments label={m.admin_view()} value={filter} onChange={setFilter} options={filters()} />
        </div>
      )}
    >
      <Findings findings={people.findings} onPart={onPart} onFilter={(wanted) => { setFilter(wanted); setText(""); }} />
      <Loaded query={people.lists} title={m.admin_people_unread()}>
        {() => <PhoneTable rows={rows} isFiltered={rows.length !== people.rows.length} chosen={chosen} onChoose={onChoose} />}
      </Loaded>
      <OutsidePhones people={people} />
      <QueueTable queues={people.queues} agents={people.agents} />
    </Pane>
  );
}

function filters(): { id: PhoneFilter; label: string }[] {
  return [
    { id: "all", label: m.admin_filter_all() },
    { id: "no_person", label: m.admin_filter_no_person() },
    { id: "members", label: m.admin_filter_members() },
    { id: "not_seen", label: m.admin_filter_not_seen() },
  ];
}

function PhoneTable({ rows, isFiltered, chosen, onChoose }: { rows: readonly PhoneRow[]; isFiltered: boolean; chosen: string | null; onChoose: (key: string) => void }) {
  const width = useNarrow();
  const empty = isFiltered
    ? <Empty icon={<Phone />} title={m.admin_nothing_found()}>{m.admin_nothing_found_text()}</Empty>
    : <Empty icon={<Phone />} title={m.admin_phones_none()}>{m.admin_phones_none_text()}</Empty>;
  return (
    <Table
      label={m.admin_people()}
      selectionMode="single"
      selectionBehavior="replace"
      selectedKeys={chosen === null ? [] : [chosen]}
      onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }}
    >
      <TableHead>
        <Column id="extension" isRowHeader span="4.5rem">{m.admin_column_extension()}</Column>
        <Column id="person" span="30%">{m.admin_column_person()}</Column>
        <Column id="number">{m.admin_column_number()}</Column>
        {width === "wide" && <Column id="phone" span="22%">{m.admin_phone()}</Column>}
        {width !== "small" && <Column id="queues" span="28%">{m.admin_column_queues()}</Column>}
        <Column id="state">{m.admin_column_state()}</Column>
      </TableHead>
      <TableBody items={rows} dependencies={[width]} renderEmptyState={() => empty}>
        {(row: PhoneRow) => (
          <Row id={row.key}>
            <Cell><span className={parts.strong}>{row.extension || "–"}</span></Cell>
            <Cell truncate>{row.user?.name ?? <span className={css.nobody}>{row.agent?.name ?? row.entry?.contact ?? m.admin_nobody()}</span>}</Cell>
            <Cell>{row.entry?.number ? phone(row.entry.number) : "–"}</Cell>
            {width === "wide" && <Cell truncate>{row.device?.pbx_id ?? "–"}</Cell>}
            {width !== "small" && <Cell truncate>{row.queues.map((queue) => queue.name).join(", ") || "–"}</Cell>}
            <Cell><PhoneState row={row} /></Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function Import() {
  return (
    <Dialog title={m.admin_import_mapping()} width="lg" trigger={<Button icon={<Upload aria-hidden />}>{m.admin_import()}</Button>}>
      {(close) => <MappingImportPanel onDone={close} />}
    </Dialog>
  );
}
