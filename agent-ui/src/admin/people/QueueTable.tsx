import { ListOrdered } from "lucide-react";
import { count } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Empty } from "../../ui/Empty/Empty";
import { SectionHead } from "../../ui/Pane/Pane";
import { Badge } from "../../ui/Tag/Tag";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../../ui/Table/Table";
import type { AgentView, QueueView } from "../../api/types";

/** Queues that the switch reports, with members that nobody is signed in for. */
export function QueueTable({ queues, agents }: { queues: readonly QueueView[]; agents: ReadonlyMap<string, AgentView> }) {
  const rows = queues.toSorted((one, two) => one.name.localeCompare(two.name)).map((queue) => ({ ...queue, ...membersOf(queue, agents) }));
  return (
    <>
      <SectionHead title={m.admin_queues()} note={<Badge>{rows.length}</Badge>} />
      <Table label={m.admin_queues()}>
        <TableHead>
          <Column id="name" isRowHeader span="40%">{m.admin_name()}</Column>
          <Column id="pbx" span="30%">{m.admin_column_on_switch()}</Column>
          <Column id="members" align="end">{m.admin_column_members()}</Column>
          <Column id="without" align="end">{m.admin_filter_no_person()}</Column>
          <Column id="waiting" align="end">{m.admin_column_waiting()}</Column>
        </TableHead>
        <TableBody items={rows} renderEmptyState={() => <Empty icon={<ListOrdered />} title={m.admin_queues_none()}>{m.admin_queues_none_text()}</Empty>}>
          {(row) => (
            <Row id={row.id}>
              <Cell truncate>{row.name}</Cell>
              <Cell truncate>{row.pbx_id}</Cell>
              <Cell align="end">{count(row.members)}</Cell>
              <Cell align="end">{count(row.without)}</Cell>
              <Cell align="end">{count(row.waiting)}</Cell>
            </Row>
          )}
        </TableBody>
      </Table>
    </>
  );
}

function membersOf(queue: QueueView, agents: ReadonlyMap<string, AgentView>): { members: number; without: number } {
  const members = [...agents.values()].filter((agent) => agent.queues.some((member) => member.queue === queue.id));
  return { members: Math.max(queue.members, members.length), without: members.filter((agent) => !agent.user).length };
}
