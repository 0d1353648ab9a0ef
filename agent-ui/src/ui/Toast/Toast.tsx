import { CircleCheck, Info, OctagonAlert, TriangleAlert, X } from "lucide-react";
import { Button, IconButton } from "../Button/Button";
import type { Tone } from "../Tag/Tag";
import css from "./Toast.module.css";

const ICONS = { good: CircleCheck, info: Info, warn: TriangleAlert, bad: OctagonAlert } as const;

export interface ToastProps {
  kind: Tone;
  title: string;
  text?: string | undefined;
  action?: { label: string; run: () => void } | undefined;
  closeLabel: string;
  onClose: () => void;
}

/** The look of one passing message; the queue and the live region belong to the shell. */
export function Toast({ kind, title, text, action, closeLabel, onClose }: ToastProps) {
  const Icon = ICONS[kind];
  return (
    <div className={css.toast} data-tone={kind}>
      <Icon className={css.icon} aria-hidden />
      <p className={css.text}><strong>{title}</strong>{text !== undefined && <> {text}</>}</p>
      {action !== undefined && <Button size="sm" onPress={() => { action.run(); onClose(); }}>{action.label}</Button>}
      <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={closeLabel} onPress={onClose} />
    </div>
  );
}
