import { CircleCheck, DoorClosed, DoorOpen, FlaskConical, Users } from "lucide-react";
import type { QueueTouch } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { Empty } from "../../ui/Empty/Empty";
import { Message } from "../../ui/Message/Message";
import { Pane } from "../../ui/Pane/Pane";
import { Tag } from "../../ui/Tag/Tag";
import css from "./acd.module.css";
import type { Trial } from "./useTrial";

/** What saving would meet right now, before anything is saved. */
export function Effect({ trial, isDirty }: { trial: Trial; isDirty: boolean }) {
  const note = isDirty && <Tag icon={<FlaskConical aria-hidden />}>{trial.isCurrent ? m.acd_trial_done() : m.acd_trial_runs()}</Tag>;
  return (
    <Pane title={m.acd_effect()} head="admin" ground="canvas" actions={note}>
      {isDirty ? <Tried trial={trial} /> : <Empty icon={<FlaskConical />} title={m.acd_effect_none()}>{m.acd_effect_none_text()}</Empty>}
    </Pane>
  );
}

function Tried({ trial }: { trial: Trial }) {
  if (trial.problem !== null) return <div className={css.padded}><Message tone="bad" title={m.acd_effect_refused()} live="status">{trial.problem}</Message></div>;
  if (trial.impact === null) return null;
  const touched = trial.impact.queues ?? [];
  if (touched.length === 0) return <div className={css.padded}><Message tone="good" live="status">{m.acd_effect_nothing()}</Message></div>;
  return <ul className={css.effect} aria-label={m.acd_effect()}>{touched.map((one) => <Touch key={one.queue} one={one} />)}</ul>;
}

function Touch({ one }: { one: QueueTouch }) {
  const closes = one.open_before && !one.open_after;
  const opens = !one.open_before && one.open_after;
  const Icon = closes ? DoorClosed : opens ? DoorOpen : CircleCheck;
  return (
    <li data-tone={closes ? "warn" : "good"}>
      <Icon aria-hidden />
      <div>
        <p className={css.strong}>{closes ? m.acd_closes({ name: one.name }) : opens ? m.acd_opens({ name: one.name }) : one.open_after ? m.acd_stays_open({ name: one.name }) : m.acd_stays_closed({ name: one.name })}</p>
        <p>{closes && one.waiting.length > 0 ? m.acd_waiting_stay({ count: one.waiting.length }) : m.acd_waiting({ count: one.waiting.length })}</p>
        <p className={css.quiet}><Users aria-hidden />{m.acd_people({ members: one.members, ready: one.ready, talking: one.talking.length })}</p>
      </div>
    </li>
  );
}
