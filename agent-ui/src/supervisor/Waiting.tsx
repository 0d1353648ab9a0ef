import { Hourglass } from "lucide-react";
import { memo, useMemo, useState } from "react";
import { LimitTimer } from "../app/LimitTimer";
import { type QueueNow, type Tile, type WaitingCaller, waitingCallers } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { SectionHead } from "../ui/Pane/Pane";
import { Badge } from "../ui/Tag/Tag";
import { WhyDialog } from "./WhyDialog";
import css from "./Live.module.css";

interface WaitingProps {
  queues: readonly QueueNow[];
  tiles: readonly Tile[];
  waitMs: number;
}

/** Who waits in all queues; of our own queues also why. */
export const Waiting = memo(function Waiting({ queues, tiles, waitMs }: WaitingProps) {
  const callers = useMemo(() => waitingCallers(queues), [queues]);
  const [asked, setAsked] = useState<WaitingCaller | null>(null);
  return (
    <section aria-label={m.live_waiting()}>
      <SectionHead level={2} title={<>{m.live_waiting()} <Badge>{callers.length}</Badge></>} actions={<span>{m.live_waiting_order()}</span>} />
      {callers.length === 0 ? <Empty icon={<Hourglass />} title={m.live_nobody_waits()}>{m.live_nobody_waits_text()}</Empty> : (
        <ol className={css.waiting} aria-label={m.live_waiting()}>
          {callers.map((caller) => (
            <li key={caller.id}>
              <LimitTimer since={caller.since} limitMs={waitMs === 0 ? null : waitMs / 2} />
              <span className={css.caller}><span className="truncate">{caller.who}</span></span>
              <span className={css.callerQueue}>{caller.queue}</span>
              {caller.isOurs && <Button kind="quiet" size="sm" aria-label={m.live_why({ who: caller.who })} onPress={() => setAsked(caller)}>{m.live_why_button()}</Button>}
            </li>
          ))}
        </ol>
      )}
      {asked !== null && <WhyDialog caller={asked} tiles={tiles} onClose={() => setAsked(null)} />}
    </section>
  );
});
