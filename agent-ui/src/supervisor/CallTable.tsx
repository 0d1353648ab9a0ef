import { PhoneIncoming } from "lucide-react";
import { LimitTimer } from "../app/LimitTimer";
import { Timer } from "../app/Timer";
import { clockWithSeconds, duration } from "../domain/format";
import type { LiveCall } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Empty } from "../ui/Empty/Empty";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../ui/Table/Table";

function directionWord(direction: string): string {
  if (direction === "outbound") return m.live_dir_outbound();
  return direction === "internal" ? m.live_dir_internal() : m.live_dir_inbound();
}

/** All live calls: who, since when, how long waiting and talking. A row goes with its call. */
export function CallTable({ calls, limitMs }: { calls: readonly LiveCall[]; limitMs: number }) {
  return (
    <Table label={m.live_calls()}>
      <TableHead>
        <Column id="party" isRowHeader>{m.live_col_party()}</Column>
        <Column id="number">{m.live_col_number()}</Column>
        <Column id="queue">{m.live_col_queue()}</Column>
        <Column id="agent">{m.live_col_agent()}</Column>
        <Column id="start" align="end">{m.live_col_start()}</Column>
        <Column id="wait" align="end">{m.live_col_wait()}</Column>
        <Column id="talk" align="end">{m.live_col_talk()}</Column>
      </TableHead>
      <TableBody items={calls} dependencies={[limitMs]} renderEmptyState={() => <Empty icon={<PhoneIncoming />} title={m.live_no_calls()}>{m.live_no_calls_text()}</Empty>}>
        {(call: LiveCall) => (
          <Row id={call.id}>
            <Cell>{call.who}</Cell>
            <Cell>{call.number === call.who ? directionWord(call.direction) : `${call.number} · ${directionWord(call.direction)}`}</Cell>
            <Cell>{call.queue ?? "–"}</Cell>
            <Cell>{call.agent ?? "–"}</Cell>
            <Cell align="end">{clockWithSeconds(call.startedAt)}</Cell>
            <Cell align="end">{call.answeredAt === null ? <Timer since={call.startedAt} /> : duration(Date.parse(call.answeredAt) - Date.parse(call.startedAt))}</Cell>
            <Cell align="end">{call.answeredAt === null ? "–" : <LimitTimer since={call.answeredAt} limitMs={limitMs || null} />}</Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}
