import type { HistoryRow } from "../../api/types";
import { useNow } from "../../app/hooks";
import { dayAndTime, durationOr } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../../ui/Table/Table";
import { desk } from "../desk";
import { DirectionIcon, isMissed, WhatWasIt } from "./HistoryTable";

/** Earlier calls as rows; a press shows one on the stage. */
export default function HistoryRows({ rows: earlier }: { rows: readonly HistoryRow[] }) {
  const now = useNow();
  return (
    <Table label={m.desk_history()} layout="fixed" onRowAction={(id) => desk.chooseCall(String(id))}>
      <TableHead>
        <Column id="when" isRowHeader span="7.5rem">{m.desk_col_when()}</Column>
        <Column id="way" span="2rem" hiddenLabel={m.desk_col_direction()} />
        <Column id="what">{m.desk_col_what()}</Column>
        <Column id="who" span="8.5rem">{m.desk_col_who()}</Column>
        <Column id="length" align="end" span="5rem">{m.desk_col_length()}</Column>
      </TableHead>
      <TableBody items={earlier.map((row) => ({ ...row, id: row.call }))}>
        {(row) => (
          <Row id={row.id}>
            <Cell>{dayAndTime(row.at, now)}</Cell>
            <Cell><DirectionIcon row={row} /></Cell>
            <Cell truncate><WhatWasIt row={row} /></Cell>
            <Cell truncate>{row.agent_name ?? "–"}</Cell>
            <Cell align="end">{durationOr(isMissed(row) ? row.wait_ms : row.talk_ms)}</Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}
