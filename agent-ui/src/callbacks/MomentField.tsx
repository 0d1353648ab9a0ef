import { useRef, useState } from "react";
import { useTellUnread } from "../admin/parts/unread";
import { m } from "../i18n/generated/messages.js";
import { TextField } from "../ui/Field/Field";

/** A date with a time, as the browser's own field reads it. Half of one reads as empty there: it is told to the form, so that it never means "none". */
export function MomentField({ label, value, onChange, error, hint }: { label: string; value: string; onChange: (text: string) => void; error?: string | null | undefined; hint?: string }) {
  const input = useRef<HTMLInputElement>(null);
  const [isHalf, setHalf] = useState(false);
  useTellUnread(isHalf);
  const look = () => setHalf(input.current?.validity.badInput ?? false);
  const type = (text: string) => {
    onChange(text);
    look();
  };
  return <TextField label={label} type="datetime-local" inputRef={input} value={value} onChange={type} onKeyUp={look} onBlur={look} error={isHalf ? m.work_time_wrong() : error} {...(hint === undefined ? {} : { hint })} />;
}
