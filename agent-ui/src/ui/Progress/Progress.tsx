import type { ReactNode } from "react";
import { Label, Meter as AriaMeter, ProgressBar } from "react-aria-components";
import css from "./Progress.module.css";

export interface TimeLeftProps {
  label: string;
  /** Milliseconds that are left and that there were. */
  leftMs: number;
  totalMs: number;
  /** The left time in words, `00:52`. */
  text: string;
}

/** Time that runs out, as a bar with its value as text; the colour is of the state around it. */
export function TimeLeft({ label, leftMs, totalMs, text }: TimeLeftProps) {
  const left = Math.max(0, Math.min(leftMs, totalMs));
  return (
    <ProgressBar value={left} minValue={0} maxValue={Math.max(1, totalMs)} valueLabel={text} className={css.left ?? ""}>
      {({ percentage }) => (
        <>
          <span className={css.words}><Label className={css.label ?? ""}>{label}</Label><span className={css.time} aria-live="off">{text}</span></span>
          <span className={css.track}><span className={css.bar} style={{ width: `${percentage ?? 0}%` }} /></span>
        </>
      )}
    </ProgressBar>
  );
}

export interface MeterProps {
  label: string;
  /** Shown only to screen readers when false. */
  showLabel?: boolean;
  value: number;
  max?: number;
  /** Tick of the target. */
  target?: number | undefined;
  valueText: string;
  aside?: ReactNode;
}

/** A share of a whole with its target as a tick; the text carries the value. */
export function Meter({ label, showLabel = false, value, max = 100, target, valueText, aside }: MeterProps) {
  return (
    <AriaMeter value={value} minValue={0} maxValue={max} valueLabel={valueText} className={css.meter ?? ""}>
      {({ percentage }) => (
        <>
          <Label className={showLabel ? css.label ?? "" : "visually-hidden"}>{label}</Label>
          <span className={css.track}>
            <span className={css.bar} style={{ width: `${percentage}%` }} />
            {target !== undefined && <span className={css.tick} style={{ left: `${(target / max) * 100}%` }} />}
          </span>
          {aside !== undefined && <span className={css.aside}>{aside}</span>}
        </>
      )}
    </AriaMeter>
  );
}
