import { CalendarClock, Check, ListChecks, Phone } from "lucide-react";
import { useState } from "react";
import type { Interaction } from "../api/types";
import { useAgentOfMe, useLive, useNow, useRights } from "../app/hooks";
import { usePersonName } from "../app/people";
import { dayAndTime, phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Dialog } from "../ui/Dialog/Dialog";
import { Empty } from "../ui/Empty/Empty";
import { TextArea } from "../ui/Field/Field";
import { InlineError } from "../ui/Message/Message";
import { Pane, SectionHead } from "../ui/Pane/Pane";
import { Caller } from "./Caller";
import { act, useDeed } from "./data";
import { MomentField } from "./MomentField";
import { OutcomeField, useResult } from "./Outcome";
import { useRing } from "./useRing";
import { dueOf, localTime, momentOf } from "./work";
import { outcomeWords, stateWords } from "./words";
import css from "./work.module.css";

/** All about one callback, and what can be done with it. */
export function Details({ one }: { one: Interaction | undefined }) {
  if (one === undefined) {
    return <Pane title={m.work_details()} head="admin" ground="canvas"><Empty icon={<ListChecks />} title={m.work_choose()}>{m.work_choose_text()}</Empty></Pane>;
  }
  return <Chosen key={one.id} one={one} />;
}

function Chosen({ one }: { one: Interaction }) {
  const ring = useRing(one);
  const why = useWhyNot(one);
  const result = useResult(one.id);
  const done = useDeed(() => act(one.id, { action: "finish", seen_agent: one.agent ?? null, ...result.body }), m.work_done());
  const problem = ring.problem ?? done.problem;
  return (
    <Pane
      title={phone(one.number) || one.subject || one.medium}
      note={stateWords(one.state)}
      head="admin"
      ground="canvas"
      foot={(
        <div className={css.foot}>
          {problem !== null && <InlineError>{problem}</InlineError>}
          <div className={css.buttons}>
            <Button kind="primary" icon={<Phone aria-hidden />} isPending={ring.isPending} reason={ring.reason} onPress={() => ring.run()}>{ring.word}</Button>
            <Button icon={<Check aria-hidden />} isPending={done.isPending} reason={why} onPress={() => done.run(result.clear)}>{m.work_done()}</Button>
            <Move one={one} reason={one.state === "waiting" ? why : m.work_why_taken()} />
            <Drop one={one} reason={why} />
          </div>
        </div>
      )}
    >
      <Facts one={one} />
      {why === null && (
        <div className={css.result}>
          <OutcomeField value={result.outcome} onChange={result.setOutcome} />
          <TextArea label={m.work_what_done()} rows={3} value={result.note} onChange={result.setNote} />
        </div>
      )}
      {one.number && <Caller number={one.number} />}
    </Pane>
  );
}

/** What waits is closed or moved by whoever has it, and by who cares for the team. */
function useWhyNot(one: Interaction): string | null {
  const { has } = useRights();
  const me = useAgentOfMe()?.id;
  const isOffline = useLive((state) => state.connection.phase !== "open");
  if (isOffline) return m.why_offline();
  return has("callback.work.team") || (me !== undefined && one.agent === me) ? null : m.work_why_not_yours();
}

function Facts({ one }: { one: Interaction }) {
  const now = useNow();
  const queue = useLive((state) => state.parts.queues.items.get(one.queue)?.queue.name);
  const agent = useLive((state) => (one.agent ? state.parts.agents.items.get(one.agent) : undefined));
  const nameOf = usePersonName();
  const facts: [string, string | null | undefined][] = [
    [m.work_subject(), one.subject],
    [m.admin_queue(), queue],
    [m.work_due(), dayAndTime(dueOf(one), now)],
    [m.work_asked(), dayAndTime(one.created_at, now)],
    [m.work_agent(), agent && nameOf(agent.user, agent.name)],
    [m.work_tried(), outcomeWords(one)],
  ];
  const data = Object.entries(one.data);
  return (
    <>
      <dl className={css.facts}>
        {facts.map(([name, value]) => value && <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      {data.length > 0 && (
        <>
          <SectionHead title={m.work_data()} />
          <dl className={css.facts}>{data.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
        </>
      )}
    </>
  );
}

function Move({ one, reason }: { one: Interaction; reason: string | null }) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const due = momentOf(text);
  const move = useDeed(() => act(one.id, { action: "reschedule", due: due ?? "" }), m.work_move());
  const open = () => {
    setText(localTime(Math.max(Date.parse(dueOf(one)), Date.now())));
    setOpen(true);
  };
  return (
    <>
      <Button icon={<CalendarClock aria-hidden />} reason={reason} onPress={open}>{m.work_move()}</Button>
      <Dialog
        title={m.work_move_title()}
        isOpen={isOpen}
        onOpenChange={setOpen}
        actions={<><Button onPress={() => setOpen(false)}>{m.admin_cancel()}</Button><Button kind="primary" isPending={move.isPending} reason={due === null ? m.work_time_wrong() : null} onPress={() => move.run(() => setOpen(false))}>{m.work_move()}</Button></>}
      >
        <MomentField label={m.work_due()} value={text} onChange={setText} error={due === null ? m.work_time_wrong() : move.problem} />
      </Dialog>
    </>
  );
}

function Drop({ one, reason }: { one: Interaction; reason: string | null }) {
  const [isOpen, setOpen] = useState(false);
  const drop = useDeed(() => act(one.id, { action: "cancel", seen_agent: one.agent ?? null }), m.work_cancel());
  return (
    <>
      <Button kind="quiet" reason={reason} onPress={() => setOpen(true)}>{m.work_cancel()}</Button>
      <Dialog
        title={m.work_cancel_title()}
        role="alertdialog"
        isOpen={isOpen}
        onOpenChange={setOpen}
        actions={<><Button onPress={() => setOpen(false)}>{m.work_keep()}</Button><Button kind="primary" isPending={drop.isPending} onPress={() => drop.run(() => setOpen(false))}>{m.work_cancel()}</Button></>}
      >
        <p>{m.work_cancel_text()}</p>
        {drop.problem !== null && <InlineError>{drop.problem}</InlineError>}
      </Dialog>
    </>
  );
}
