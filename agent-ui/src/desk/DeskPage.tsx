import { lazy, Suspense, useEffect } from "react";
import { Page } from "../app/Page";
import { m } from "../i18n/generated/messages.js";
import { CallList } from "./calls/CallList";
import { useToday } from "./calls/useToday";
import { Colleagues } from "./colleagues/Colleagues";
import { Idle } from "./idle/Idle";
import { MyQueues } from "./queues/MyQueues";
import { useFocus } from "./useFocus";

// A desk begins without a call: this comes right after it, before anything can ring.
const loadCall = () => import("./CallParts");
const CallView = lazy(() => loadCall().then(({ CallView: component }) => ({ default: component })));
const CallTools = lazy(() => loadCall().then(({ CallTools: component }) => ({ default: component })));

/** The agent's desk: my calls, the call or the day, note or colleagues. */
export function DeskPage() {
  const focus = useFocus();
  const today = useToday();
  const { call } = focus;
  useEffect(() => void loadCall(), []);
  return (
    <Page
      title={m.desk_title()}
      listLabel={m.desk_my_calls()}
      toolsLabel={call === null ? m.desk_colleagues() : m.desk_note_and_category()}
      list={<CallList today={today} shown={call} foot={<MyQueues />} />}
      stage={call === null ? <Idle today={today} /> : <Suspense><CallView key={call} id={call} others={focus.others} /></Suspense>}
      tools={call === null ? <Colleagues /> : <Suspense><CallTools key={call} id={call} /></Suspense>}
    />
  );
}
