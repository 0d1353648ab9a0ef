import { Hourglass } from "lucide-react";
import { memo, useMemo } from "react";
import { LimitTimer } from "../app/LimitTimer";
import { type QueueNow, waitingCallers } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Empty } from "../ui/Empty/Empty";
import { SectionHead } from "../ui/Pane/Pane";
import { Badge } from "../ui/Tag/Tag";
import css from "./Live.module.css";

/** Who waits in all queues. */
export const Waiting = memo(function Waiting({ queues, waitMs }: { queues: readonly QueueNow[]; waitMs: number }) {
  const callers = useMemo(() => waitingCallers(queues), [queues]);
  return (
    <section aria-label={m.live_waiting()}>
      <SectionHead level={2} title={<>{m.live_waiting()} <Badge>{callers.length}</Badge></>} actions={<span>{m.live_waiting_order()}</span>} />
      {callers.length === 0 ? <Empty icon={<Hourglass />} title={m.live_nobody_waits()}>{m.live_nobody_waits_text()}</Empty> : (
        <ol className={css.waiting} aria-label={m.live_waiting()}>
          {callers.map(({ id, who, queue, since, why }) => (
            <li key={id}>
              <LimitTimer since={since} limitMs={waitMs === 0 ? null : waitMs / 2} />
              <span className={css.caller}><span className="truncate">{who}</span>{why !== null && <span className={css.why}>{why}</span>}</span>
              <span className={css.callerQueue}>{queue}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
});
