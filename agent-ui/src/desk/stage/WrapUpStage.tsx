import { Plus } from "lucide-react";
import type { CallDetail } from "../../api/types";
import { useAgentOfMe, useNow, useReasons } from "../../app/hooks";
import { clock, duration, partyName } from "../../domain/format";
import { pendingWord } from "../../domain/states";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { SectionHead } from "../../ui/Pane/Pane";
import { TimeLeft } from "../../ui/Progress/Progress";
import { StateMark } from "../../ui/StateMark/StateMark";
import { useAgentWork } from "../bar/useAgentWork";
import { desk } from "../desk";
import { CategoryTree } from "../tools/Category";
import { notes } from "../tools/note";
import type { Caller } from "../useCall";
import { CallFacts } from "./CallFacts";
import { Person } from "./CallStage";
import { Records } from "./Records";
import css from "./Stage.module.css";

/** After the call: time left, category, the person. The note stays where it was, in the tools pane. */
export function WrapUpStage({ call, caller }: { call: CallDetail; caller: Caller }) {
  const agent = useAgentOfMe();
  const reasons = useReasons();
  const then = agent === undefined ? null : pendingWord(agent, reasons);
  const work = useAgentWork(agent);
  const isOpen = agent?.state.effective === "wrap_up" && work.isKept;
  const finish = () => {
    notes.flush(call.id);
    desk.close(call.id);
    if (isOpen) void work.finish();
  };
  const finishReady = async () => {
    if (await work.cancelLater()) finish();
  };
  return (
    <>
      <header className={css.wrapHead} data-state="wrap_up">
        <StateMark state="wrap_up" size={28} />
        <div className={css.names}>
          <h2 className={css.wrapTitle}>{m.desk_wrap_up_of({ name: partyName(caller.party, caller.contact) })}</h2>
          <p className={css.wrapSub}>{[call.ended_at ? m.desk_ended_at({ time: clock(call.ended_at) }) : null, m.desk_talk_of({ time: duration(call.durations.talk_ms) })].filter(Boolean).join(" · ")}</p>
        </div>
        {agent?.state.wrap_up_until && <Left until={agent.state.wrap_up_until} since={agent.state.since} />}
        {isOpen && <Button icon={<Plus aria-hidden />} aria-label={m.wrap_up_extend()} isPending={work.isPending} onPress={() => void work.extend()}>{m.wrap_up_extend_short()}</Button>}
      </header>
      <div className={css.wrap}>
        <div className={css.wrapMain}><CategoryTree call={call} /></div>
        <div className={css.wrapSide}><SectionHead title={m.desk_this_call()} /><CallFacts call={call} /><Person call={call.id} caller={caller} /><Records call={call.id} /></div>
      </div>
      <footer className={css.actions}>
        <Button kind="primary" size="lg" onPress={finish}>{then === null ? m.desk_save_and_close() : m.desk_save_then({ state: then })}</Button>
        {isOpen && then !== null && <Button size="lg" isPending={work.isPending} onPress={() => void finishReady()}>{m.desk_save_ready()}</Button>}
        <span className={css.actionNote}>{m.desk_wrap_up_note()}</span>
      </footer>
    </>
  );
}

function Left({ until, since }: { until: string; since: string }) {
  const now = useNow();
  const left = Date.parse(until) - now;
  return <TimeLeft label={m.desk_time_left()} leftMs={left} totalMs={Date.parse(until) - Date.parse(since)} text={duration(left)} />;
}

