import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useAgentOfMe, useLive, useNow, useRights } from "../../app/hooks";
import { workQuery } from "../../callbacks/data";
import { writtenWaiting } from "../../callbacks/work";
import { duration } from "../../domain/format";
import { isSignedIn } from "../../domain/membership";
import { m } from "../../i18n/generated/messages.js";
import type { AgentView, QueueNow } from "../../live/frames";
import { SwitchButton } from "../../ui/Choice/SwitchButton";
import { leftQueues } from "../bar/queues";
import { useQueueSign } from "./useQueueSign";
import css from "./MyQueues.module.css";

/** Waiting longer than this wants somebody. */
const LONG_WAIT_MS = 60_000;

/** The queues I belong to: who waits and how long. Stays at the foot of the list in every phase of a call. */
export function MyQueues() {
  const agent = useAgentOfMe();
  const mine = new Set([...(agent?.queues ?? []).map((one) => one.queue), ...(agent === undefined ? [] : leftQueues.of(agent.id))]);
  const queues = useLive((state) => [...state.parts.queues.items.values()].filter(({ queue }) => mine.has(queue.id)).toSorted((a, b) => a.queue.name.localeCompare(b.queue.name)));
  const written = useWritten(queues.some(({ queue }) => queue.kind === "owned"));
  if (agent === undefined || queues.length === 0) return null;
  return (
    <section className={css.queues} aria-labelledby="my-queues">
      <table className={css.table}>
        <caption className="visually-hidden" id="my-queues">{m.desk_my_queues()}</caption>
        <thead><tr><th scope="col">{m.desk_my_queues()}</th><th scope="col">{m.desk_waiting()}</th><th scope="col">{m.desk_longest()}</th></tr></thead>
        <tbody>{queues.map((now) => <QueueRow key={now.queue.id} agent={agent} now={now} written={written.get(now.queue.id) ?? 0} />)}</tbody>
      </table>
    </section>
  );
}

const NONE: ReadonlyMap<string, number> = new Map();

/** What waits besides calls; only queues of ours distribute it. */
function useWritten(hasOwned: boolean): ReadonlyMap<string, number> {
  const { has } = useRights();
  return useQuery({ ...workQuery, enabled: hasOwned && has("callback.work"), select: writtenWaiting }).data ?? NONE;
}

function QueueRow({ agent, now: { queue, waiting }, written }: { agent: AgentView; now: QueueNow; written: number }) {
  const membership = agent.queues.find((one) => one.queue === queue.id);
  const isIn = membership !== undefined && isSignedIn(membership);
  const sign = useQueueSign(agent, queue, membership);
  const first = waiting[0];
  return (
    <tr data-paused={!isIn || membership.paused || undefined}>
      <th scope="row">
        <span className={css.queue}>
          <SwitchButton label={m.desk_queue_switch({ queue: queue.name })} isOn={isIn} isPending={sign.isPending} reason={sign.reason} onChange={sign.set} />
          <span className="truncate">{queue.name}</span>
          {written > 0 && <span className={css.paused}>{m.desk_written({ count: written })}</span>}
          {isIn && membership.paused && <span className={css.paused}>{m.desk_queue_paused()}</span>}
        </span>
      </th>
      <td data-some={waiting.length > 0 || undefined}>{waiting.length}</td>
      <td>{first === undefined ? "–" : <Wait since={first.first_entered_at ?? first.entered_at} />}</td>
    </tr>
  );
}

function Wait({ since }: { since: string }) {
  const ms = useNow() - Date.parse(since);
  const isLong = ms > LONG_WAIT_MS;
  return <span className={css.wait} data-tone={isLong ? "warn" : undefined} data-long={isLong || undefined} aria-live="off">{isLong && <TriangleAlert role="img" aria-label={m.desk_long_wait()} />}{duration(ms)}</span>;
}
