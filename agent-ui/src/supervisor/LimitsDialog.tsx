import { useState } from "react";
import type { Limits } from "../domain/alerts";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Dialog } from "../ui/Dialog/Dialog";
import { TextField } from "../ui/Field/Field";
import { Select } from "../ui/Select/Select";
import css from "./Live.module.css";

const MOST = 1_440;
/** What is written, as a number; null when it is none. */
const read = (text: string): number | null => (/^\d{1,4}$/.test(text.trim()) && Number(text) <= MOST ? Number(text) : null);

interface LimitsDialogProps {
  limits: Limits;
  onSave: (limits: Limits) => void;
  onClose: () => void;
}

/** From when on this person is alerted. */
export function LimitsDialog({ limits, onSave, onClose }: LimitsDialogProps) {
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
    <Dialog
      title={m.live_limits_title()}
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      actions={<><Button onPress={onClose}>{m.desk_cancel()}</Button><Button kind="primary" reason={isRead ? null : m.live_limit_wrong()} onPress={save}>{m.desk_save()}</Button></>}
    >
      <div className={css.form}>
        <p>{m.live_limits_text()}</p>
        <TextField label={m.live_limit_call()} inputMode="numeric" value={call} onChange={setCall} error={error(callMin)} />
        <TextField label={m.live_limit_pause()} inputMode="numeric" value={pause} onChange={setPause} error={error(pauseMin)} />
        <TextField label={m.live_limit_wait()} inputMode="numeric" value={wait} onChange={setWait} error={error(waitS)} />
        <Select label={m.live_limit_left()} choices={choices} value={left} onChange={setLeft} />
      </div>
    </Dialog>
  );
}
