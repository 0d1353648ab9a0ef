import { useQuery } from "@tanstack/react-query";
import { PhoneIncoming, PhoneOutgoing } from "lucide-react";
import { call } from "../../api/client";
import type { HistoryRow } from "../../api/types";
import { dayAndTime, durationOr } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { SectionHead } from "../../ui/Pane/Pane";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../../ui/Table/Table";
import { type Listed, queryText } from "../data/pages";
import { Loaded } from "../parts/Loaded";
import parts from "../parts/parts.module.css";

/** Calls shown beside a contact. */
const ROWS = 20;

/** Earlier calls with a contact, both directions, newest first. */
export function ContactHistory({ contact }: { contact: string }) {
  const query = useQuery({
    queryKey: ["contacts", "history", contact],
    queryFn: () => call<Listed<HistoryRow>>("GET", `/v1/contacts/history${queryText({ contact, limit: ROWS })}`),
  });
  return (
    <>
      <SectionHead title={m.admin_history()} />
      <Loaded query={query} title={m.admin_history_unread()}>
        {({ items }) => (items.length === 0 ? <p className={parts.stack}>{m.admin_history_none()}</p> : <Rows items={items} />)}
      </Loaded>
    </>
  );
}

function Rows({ items }: { items: readonly HistoryRow[] }) {
  return (
    <Table label={m.admin_history()}>
      <TableHead>
        <Column id="at" isRowHeader>{m.admin_column_when()}</Column>
        <Column id="agent" span="34%">{m.admin_role_agent()}</Column>
        <Column id="category" span="34%">{m.admin_column_category()}</Column>
        <Column id="talk" align="end">{m.admin_column_talk()}</Column>
      </TableHead>
      <TableBody items={items}>
        {(row: HistoryRow) => (
          <Row id={row.call}>
            <Cell><span className={parts.state}>{row.direction === "outbound" ? <PhoneOutgoing aria-label={m.admin_direction_outbound()} /> : <PhoneIncoming aria-label={m.admin_direction_inbound()} />}{dayAndTime(row.at)}</span></Cell>
            <Cell truncate>{row.agent_name ?? "–"}</Cell>
            <Cell truncate>{row.disposition?.label ?? row.note ?? "–"}</Cell>
            <Cell align="end">{durationOr(row.talk_ms)}</Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}
