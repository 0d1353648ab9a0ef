import { Hourglass } from "lucide-react";
import type { CallDetail } from "../../api/types";
import { duration, phone } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { StateMark } from "../../ui/StateMark/StateMark";
import { useQueueName } from "./PopCard";
import css from "./Stage.module.css";

/** What the call was made of: waiting, ringing, talk, hold, transfers. */
export function CallFacts({ call }: { call: CallDetail }) {
  const queue = useQueueName(call.queue ?? null);
  const { queue_ms, ring_ms, talk_ms, hold_ms } = call.durations;
  return (
    <ul className={css.story}>
      {call.entries.length > 0 && <li><Hourglass aria-hidden /><span>{queue === null ? m.desk_waited_plain() : m.desk_waited_in({ queue })}</span><span>{duration(queue_ms)}</span></li>}
      <li><StateMark state="ringing" size={16} /><span>{m.desk_rang()}</span><span>{duration(ring_ms)}</span></li>
      <li><StateMark state="talking" size={16} /><span>{m.desk_talk()}</span><span>{duration(Math.max(0, talk_ms - hold_ms))}</span></li>
      {hold_ms > 0 && <li><StateMark state="hold" size={16} /><span>{m.desk_hold()}</span><span>{duration(hold_ms)}</span></li>}
      {call.transfers.map((transfer) => <li key={transfer.at}><StateMark state="talking_direct" size={16} /><span>{m.desk_transferred_to({ to: phone(transfer.to) || "–" })}</span></li>)}
    </ul>
  );
}
