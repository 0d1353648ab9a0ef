import { useDeferredValue } from "react";
import { comesLater } from "../app/later";
import { Page } from "../app/Page";
import { m } from "../i18n/generated/messages.js";
import { CallList } from "./calls/CallList";
import { useToday } from "./calls/useToday";
import { Colleagues } from "./colleagues/Colleagues";
import { Idle } from "./idle/Idle";
import { MyQueues } from "./queues/MyQueues";
import { useFocus } from "./useFocus";

// A desk begins without a call: this comes right after it, before anything can ring.
const useCallParts = comesLater(() => import("./CallParts"));
const FOOT = <MyQueues />;

/** The agent's desk: my calls, the call or the day, note or colleagues. */
export function DeskPage() {
  const focus = useFocus();
  const { call } = focus;
  // Who calls is painted first; what stands beside it follows in the next moment.
  const today = useDeferredValue(useToday());
  const beside = useDeferredValue(call);
  const parts = useCallParts();
  return (
    <Page
      title={m.desk_title()}
      listLabel={m.desk_my_calls()}
      toolsLabel={beside === null ? m.desk_colleagues() : m.desk_note_and_category()}
      list={<CallList today={today} shown={beside} foot={FOOT} />}
      stage={call === null ? <Idle today={today} /> : parts && <parts.CallView key={call} id={call} others={focus.others} />}
      tools={beside === null ? <Colleagues /> : parts && <parts.CallTools key={beside} id={beside} />}
    />
  );
}
