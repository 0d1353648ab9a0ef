import { TriangleAlert } from "lucide-react";
import { useAgentOfMe, useLive, useNow } from "../../app/hooks";
import { duration } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import css from "./MyQueues.module.css";

/** Waiting longer than this wants somebody. */
const LONG_WAIT_MS = 60_000;

/** The queues I belong to: who waits and how long. Stays at the foot of the list in every phase of a call. */
export function MyQueues() {
  const agent = useAgentOfMe();
  const mine = new Map((agent?.queues ?? []).map((membership) => [membership.queue, membership]));
  const queues = useLive((state) => [...state.parts.queues.items.values()].filter(({ queue }) => mine.has(queue.id)).toSorted((a, b) => a.queue.name.localeCompare(b.queue.name)));
  if (queues.length === 0) return null;
  return (
    <section className={css.queues} aria-labelledby="my-queues">
      <table className={css.table}>
        <caption className="visually-hidden" id="my-queues">{m.desk_my_queues()}</caption>
        <thead><tr><th scope="col">{m.desk_my_queues()}</th><th scope="col">{m.desk_waiting()}</th><th scope="col">{m.desk_longest()}</th></tr></thead>
        <tbody>
          {queues.map(({ queue, waiting }) => {
            const first = waiting[0];
            return (
              <tr key={queue.id} data-paused={mine.get(queue.id)?.paused || undefined}>
                <th scope="row"><span className="truncate">{queue.name}</span>{mine.get(queue.id)?.paused && <span className={css.paused}>{m.desk_queue_paused()}</span>}</th>
                <td data-some={waiting.length > 0 || undefined}>{waiting.length}</td>
                <td>{first === undefined ? "–" : <Wait since={first.first_entered_at ?? first.entered_at} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Wait({ since }: { since: string }) {
  const ms = useNow() - Date.parse(since);
  const isLong = ms > LONG_WAIT_MS;
  return <span className={css.wait} data-tone={isLong ? "warn" : undefined} data-long={isLong || undefined} aria-live="off">{isLong && <TriangleAlert role="img" aria-label={m.desk_long_wait()} />}{duration(ms)}</span>;
}
