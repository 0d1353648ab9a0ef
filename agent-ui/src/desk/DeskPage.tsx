import { Page } from "../app/Page";
import { m } from "../i18n/generated/messages.js";
import { CallList } from "./calls/CallList";
import { useToday } from "./calls/useToday";
import { Colleagues } from "./colleagues/Colleagues";
import { Idle } from "./idle/Idle";
import { MyQueues } from "./queues/MyQueues";
import { CallView } from "./stage/CallView";
import { CallTools } from "./tools/CallTools";
import { useFocus } from "./useFocus";

/** The agent's desk: my calls, the call or the day, note or colleagues. */
export function DeskPage() {
  const focus = useFocus();
  const today = useToday();
  const { call } = focus;
  return (
    <Page
      title={m.desk_title()}
      listLabel={m.desk_my_calls()}
      toolsLabel={call === null ? m.desk_colleagues() : m.desk_note_and_category()}
      list={<CallList today={today} shown={call} foot={<MyQueues />} />}
      stage={call === null ? <Idle today={today} /> : <CallView key={call} id={call} others={focus.others} />}
      tools={call === null ? <Colleagues /> : <CallTools key={call} id={call} />}
    />
  );
}
