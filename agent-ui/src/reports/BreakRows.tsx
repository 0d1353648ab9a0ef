import { useMemo, useState } from "react";
import type { SortDescriptor } from "react-aria-components";
import { useReasons } from "../app/hooks";
import { useMedia } from "../app/media";
import { count, duration } from "../domain/format";
import { pauseLook } from "../domain/states";
import { m } from "../i18n/generated/messages.js";
import { Cards } from "../ui/Cards/Cards";
import { StateMark } from "../ui/StateMark/StateMark";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../ui/Table/Table";
import { BREAK_COLUMNS, type BreakRow, kindWord, sortBreaks } from "./breaks";
import css from "./reports.module.css";

/** The lines as a table; as a card each where seven columns have no room. */
export function BreakRows({ rows }: { rows: readonly BreakRow[] }) {
  const isWide = useMedia("(min-width: 64rem)");
  return isWide ? <BreakTable rows={rows} /> : <BreakCards rows={rows} />;
}

function BreakTable({ rows }: { rows: readonly BreakRow[] }) {
  const [order, setOrder] = useState<SortDescriptor>({ column: "name", direction: "ascending" });
  const sorted = useMemo(() => sortBreaks(rows, BREAK_COLUMNS.find((one) => one === order.column) ?? "name", order.direction === "descending"), [rows, order]);
  return (
    <Table label={m.report_breaks()} layout="fixed" sortDescriptor={order} onSortChange={setOrder}>
      <TableHead>
        <Column id="name" isRowHeader allowsSorting>{m.report_agent()}</Column>
        <Column id="reason" allowsSorting>{m.report_reason()}</Column>
        <Column id="kind" allowsSorting>{m.report_kind()}</Column>
        <Column id="times" align="end" span="7rem" allowsSorting>{m.report_times()}</Column>
        <Column id="totalMs" align="end" span="8rem" allowsSorting>{m.report_total()}</Column>
        <Column id="avgMs" align="end" span="8rem" allowsSorting>{m.report_average()}</Column>
        <Column id="maxMs" align="end" span="8rem" allowsSorting>{m.report_longest()}</Column>
      </TableHead>
      <TableBody items={sorted}>
        {(row) => (
          <Row id={row.id}>
            <Cell truncate>{row.name}</Cell>
            <Cell truncate><Reason row={row} /></Cell>
            <Cell truncate>{kindWord(row.kind)}</Cell>
            <Cell align="end">{count(row.times)}</Cell>
            <Cell align="end">{duration(row.totalMs)}</Cell>
            <Cell align="end">{duration(row.avgMs)}</Cell>
            <Cell align="end">{duration(row.maxMs)}</Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function BreakCards({ rows }: { rows: readonly BreakRow[] }) {
  const items = sortBreaks(rows, "name", false).map((row) => ({
    id: row.id,
    head: <><span>{row.name}</span><Reason row={row} /></>,
    facts: [
      [m.report_kind(), kindWord(row.kind)],
      [m.report_times(), count(row.times)],
      [m.report_total(), duration(row.totalMs)],
      [m.report_average(), duration(row.avgMs)],
      [m.report_longest(), duration(row.maxMs)],
    ] as const,
  }));
  return <Cards label={m.report_breaks()} items={items} />;
}

function Reason({ row }: { row: BreakRow }) {
  const reasons = useReasons();
  return <span className={css.reason}><StateMark state={pauseLook(row.code, reasons)} size={16} /><span className="truncate">{row.reason}</span></span>;
}
