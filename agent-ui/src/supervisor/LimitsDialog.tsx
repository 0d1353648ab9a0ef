import { useState } from "react";
import { LimitFields } from "../admin/acd/LimitFields";
import { useLimits } from "../admin/acd/useLimits";
import { Loaded } from "../admin/parts/Loaded";
import { SaveBar } from "../admin/parts/SaveBar";
import { UnreadFields } from "../admin/parts/unread";
import { useRights } from "../app/hooks";
import type { Limits } from "../domain/alerts";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Dialog } from "../ui/Dialog/Dialog";
import { TextField } from "../ui/Field/Field";
import { Segments } from "../ui/Segments/Segments";
import { Select } from "../ui/Select/Select";
import css from "./Live.module.css";

const MOST = 1_440;
/** What is written, as a number; null when it is none. */
const read = (text: string): number | null => (/^\d{1,4}$/.test(text.trim()) && Number(text) <= MOST ? Number(text) : null);

interface LimitsDialogProps {
  limits: Limits;
  /** To choose one whose own limits are set. */
  queues: readonly { id: string; name: string }[];
  onSave: (limits: Limits) => void;
  onClose: () => void;
}

type Whose = "mine" | "queue";

/** From when on this person is alerted, and, by whoever may set it, from when on everybody is told of a queue. */
export function LimitsDialog({ queues, ...mine }: LimitsDialogProps) {
  const { has } = useRights();
  const [whose, setWhose] = useState<Whose>("mine");
  const maySetQueues = (has("queue.admin") || has("queue.membership.write.team")) && queues.length > 0;
  const options = [{ id: "mine", label: m.live_limits_mine() }, { id: "queue", label: m.live_limits_queue() }] as const;
  return (
    <Dialog title={m.live_limits_title()} width="md" isOpen onOpenChange={(isOpen) => !isOpen && mine.onClose()}>
      <div className={css.form}>
        {maySetQueues && <Segments wide label={m.live_limits_whose()} options={options} value={whose} onChange={setWhose} />}
        {whose === "queue" ? <OfQueue queues={queues} onClose={mine.onClose} /> : <Mine {...mine} />}
      </div>
    </Dialog>
  );
}

function Mine({ limits, onSave, onClose }: Omit<LimitsDialogProps, "queues">) {
  const [call, setCall] = useState(String(limits.callMin));
  const [pause, setPause] = useState(String(limits.pauseMin));
  const [wait, setWait] = useState(String(limits.waitS));
  const [left, setLeft] = useState(limits.agentsLeft === null ? "off" : String(limits.agentsLeft));
  const [callMin, pauseMin, waitS] = [read(call), read(pause), read(wait)];
  const isRead = callMin !== null && pauseMin !== null && waitS !== null;
  const error = (value: number | null) => (value === null ? m.live_limit_wrong() : null);
  const choices = [
    { id: "off", label: m.live_limit_left_off() },
    { id: "0", label: m.live_limit_left_none() },
    { id: "1", label: m.live_limit_left_one() },
    { id: "2", label: m.live_limit_left_two() },
  ];
  const save = () => {
    if (!isRead) return;
    onSave({ callMin, pauseMin, waitS, agentsLeft: left === "off" ? null : Number(left) });
    onClose();
  };
  return (
    <>
      <p>{m.live_limits_text()}</p>
      <TextField label={m.live_limit_call()} inputMode="numeric" value={call} onChange={setCall} error={error(callMin)} />
      <TextField label={m.live_limit_pause()} inputMode="numeric" value={pause} onChange={setPause} error={error(pauseMin)} />
      <TextField label={m.live_limit_wait()} inputMode="numeric" value={wait} onChange={setWait} error={error(waitS)} />
      <Select label={m.live_limit_left()} choices={choices} value={left} onChange={setLeft} />
      <div className={css.formActions}><Button onPress={onClose}>{m.desk_cancel()}</Button><Button kind="primary" reason={isRead ? null : m.live_limit_wrong()} onPress={save}>{m.desk_save()}</Button></div>
    </>
  );
}

function OfQueue({ queues, onClose }: Pick<LimitsDialogProps, "queues" | "onClose">) {
  const [queue, setQueue] = useState(queues[0]?.id ?? "");
  return (
    <>
      <p>{m.acd_limits_text()}</p>
      <Select label={m.admin_queue()} choices={queues.map(({ id, name }) => ({ id, label: name }))} value={queue} onChange={setQueue} />
      <QueueLimits key={queue} queue={queue} onClose={onClose} />
    </>
  );
}

function QueueLimits({ queue, onClose }: { queue: string; onClose: () => void }) {
  const work = useLimits(queue);
  return (
    <Loaded query={work.query} title={m.acd_limits_unread()}>
      {() => (
        <>
          <UnreadFields of={work.unread}><LimitFields {...work} isFlush /></UnreadFields>
          <SaveBar save={work.save} faults={work.faults} isDirty={work.isDirty} onSave={() => work.store(undefined, onClose)} onDiscard={work.drop} onTheirs={work.drop}><Button onPress={onClose}>{m.close()}</Button></SaveBar>
        </>
      )}
    </Loaded>
  );
}
