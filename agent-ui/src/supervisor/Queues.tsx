import { ListOrdered } from "lucide-react";
import { memo } from "react";
import { LimitTimer } from "../app/LimitTimer";
import type { QueueDay } from "./data";
import type { DayFigures, ProjectFigures, QueueFigures, Tile } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { BareButton, Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { SectionHead } from "../ui/Pane/Pane";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../ui/Table/Table";
import css from "./Live.module.css";

/** From the half of the limit a wait is marked, from the limit on strongly. */
const Longest = ({ figures, waitMs }: { figures: Pick<QueueFigures, "oldest">; waitMs: number }) => (figures.oldest === null ? "–" : <LimitTimer since={figures.oldest} limitMs={waitMs === 0 ? null : waitMs / 2} />);

/** A figure that is larger where members are hidden from the reader. */
function Seen({ count, hidden }: { count: number; hidden: number }) {
  if (hidden === 0) return count;
  return <span>{count}+<span className="visually-hidden"> {m.live_more_hidden()}</span></span>;
}

/** A share of calls as a figure; without a base there is none. */
const share = (level: number | null | undefined): string => (level === null || level === undefined ? "–" : `${Math.round(level * 100)}\u00a0%`);

interface QueueTableProps {
  figures: readonly QueueFigures[];
  waitMs: number;
  days: ReadonlyMap<string, QueueDay> | null;
  /** What is aimed at, where the queue says. */
  targetOf: (queue: string) => number | null;
  chosen: string | null;
  onChoose: (queue: string) => void;
  onOverview: () => void;
}

/** The queues beside the people: who waits, how long, who is free. A press lets their members stand out. */
export const QueueTable = memo(function QueueTable({ figures, waitMs, days, targetOf, chosen, onChoose, onOverview }: QueueTableProps) {
  return (
    <section aria-label={m.live_queues()}>
      <SectionHead level={2} title={m.live_queues()} actions={<Button kind="quiet" size="sm" onPress={onOverview}>{m.live_overview()}</Button>} />
      {figures.length === 0 ? <Empty icon={<ListOrdered />} title={m.live_no_queues()}>{m.live_no_queues_text()}</Empty> : (
        <table className={css.queues}>
          <caption className="visually-hidden">{m.live_queues()}</caption>
          <thead>
            <tr><th scope="col">{m.live_col_queue()}</th><th scope="col">{m.live_col_waiting()}</th><th scope="col">{m.live_col_longest()}</th><th scope="col">{m.live_col_free()}</th>{days !== null && <th scope="col">{m.live_col_level()}</th>}</tr>
          </thead>
          <tbody>
            {figures.map((queue) => (
              <tr key={queue.id} data-chosen={queue.id === chosen || undefined}>
                <th scope="row">
                  <BareButton className={css.queueName ?? ""} aria-pressed={queue.id === chosen} aria-label={m.live_queue_only({ queue: queue.name })} onPress={() => onChoose(queue.id)}>
                    <span className="truncate">{queue.name}</span>
                  </BareButton>
                </th>
                <td data-some={queue.waiting > 0 || undefined}>{queue.waiting}</td>
                <td><Longest figures={queue} waitMs={waitMs} /></td>
                <td><Seen count={queue.free} hidden={queue.hidden} /></td>
                {days !== null && <td><Level level={days.get(queue.id)?.level} target={targetOf(queue.id)} /></td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
});

interface ProjectTableProps {
  projects: readonly ProjectFigures[];
  waitMs: number;
  chosen: string | null;
  onChoose: (project: string) => void;
}

/** The projects of our own queues: who waits and who gave up today. A press leaves only what is of the project. */
export const ProjectTable = memo(function ProjectTable({ projects, waitMs, chosen, onChoose }: ProjectTableProps) {
  if (projects.length === 0) return null;
  return (
    <section aria-label={m.live_projects()}>
      <SectionHead level={2} title={m.live_projects()} />
      <table className={css.queues}>
        <caption className="visually-hidden">{m.live_projects()}</caption>
        <thead><tr><th scope="col">{m.live_col_project()}</th><th scope="col">{m.live_col_waiting()}</th><th scope="col">{m.live_col_longest()}</th><th scope="col" className={css.wide}>{m.live_col_missed()}</th></tr></thead>
        <tbody>
          {projects.map((project) => (
            <tr key={project.name} data-chosen={project.name === chosen || undefined}>
              <th scope="row">
                <BareButton className={css.queueName ?? ""} aria-pressed={project.name === chosen} aria-label={m.live_project_only({ name: project.name })} onPress={() => onChoose(project.name)}>
                  <span className="truncate">{project.name}</span>
                </BareButton>
              </th>
              <td data-some={project.waiting > 0 || undefined}>{project.waiting}</td>
              <td><Longest figures={project} waitMs={waitMs} /></td>
              <td>{project.missed ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
});

function Level({ level, target }: { level: number | null | undefined; target: number | null }) {
  const isBelow = target !== null && typeof level === "number" && level * 100 < target;
  return <span className={css.level} data-tone={isBelow ? "bad" : undefined}><span>{share(level)}</span>{target !== null && ` / ${target}`}</span>;
}

interface OverviewProps extends Pick<QueueTableProps, "figures" | "waitMs" | "days" | "targetOf"> {
  tiles: readonly Tile[];
  day: ReadonlyMap<string, DayFigures> | null;
}

/** All figures of all queues. */
export function QueueOverview({ figures, waitMs, days, targetOf, tiles, day }: OverviewProps) {
  const made = (queue: string) => tiles.filter(({ agent }) => agent.queues.some((one) => one.queue === queue)).reduce((sum, { id }) => sum + (day?.get(id)?.made ?? 0), 0);
  const rows = figures.map((queue) => ({ queue, today: days?.get(queue.id), made: day === null ? null : made(queue.id), id: queue.id }));
  return (
    <Table label={m.live_queues()}>
      <TableHead>
        <Column id="queue" isRowHeader>{m.live_col_queue()}</Column>
        <Column id="agents" align="end">{m.live_col_agents()}</Column>
        <Column id="free" align="end">{m.live_col_free()}</Column>
        <Column id="busy" align="end">{m.live_col_busy()}</Column>
        <Column id="waiting" align="end">{m.live_col_waiting()}</Column>
        <Column id="longest" align="end">{m.live_col_longest()}</Column>
        <Column id="answered" align="end">{m.live_col_answered()}</Column>
        <Column id="abandoned" align="end">{m.live_col_abandoned()}</Column>
        <Column id="made" align="end">{m.live_col_made()}</Column>
        <Column id="level" align="end">{m.live_col_level()}</Column>
      </TableHead>
      <TableBody items={rows} dependencies={[rows, waitMs]} renderEmptyState={() => <Empty icon={<ListOrdered />} title={m.live_no_queues()}>{m.live_no_queues_text()}</Empty>}>
        {({ queue, today, made: out }: (typeof rows)[number]) => (
          <Row id={queue.id}>
            <Cell>{queue.name}</Cell>
            <Cell align="end">{queue.members}</Cell>
            <Cell align="end"><Seen count={queue.free} hidden={queue.hidden} /></Cell>
            <Cell align="end"><Seen count={queue.busy} hidden={queue.hidden} /></Cell>
            <Cell align="end">{queue.waiting}</Cell>
            <Cell align="end"><Longest figures={queue} waitMs={waitMs} /></Cell>
            <Cell align="end">{today?.answered ?? (days === null ? "–" : 0)}</Cell>
            <Cell align="end">{today?.abandoned ?? (days === null ? "–" : 0)}</Cell>
            <Cell align="end">{out === null ? "–" : <Seen count={out} hidden={queue.hidden} />}</Cell>
            <Cell align="end"><Level level={today?.level} target={targetOf(queue.id)} /></Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}
