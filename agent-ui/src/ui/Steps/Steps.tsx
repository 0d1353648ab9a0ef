import { CircleCheck, CircleDashed, CircleX, LoaderCircle, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import css from "./Steps.module.css";

export type StepState = "passed" | "failed" | "warning" | "running" | "waiting";

const LOOKS = {
  passed: { Icon: CircleCheck, tone: "good" }, failed: { Icon: CircleX, tone: "bad" }, warning: { Icon: TriangleAlert, tone: "warn" },
  running: { Icon: LoaderCircle, tone: "info" }, waiting: { Icon: CircleDashed, tone: "off" },
} as const;

export interface Step {
  id: string;
  state: StepState;
  /** The state in a word, for screen readers. */
  stateWord: string;
  title: string;
  detail?: ReactNode;
  /** At the right, e.g. `11 ms`. */
  aside?: ReactNode;
  /** Opens in place under a failed step: cause and fix. */
  body?: ReactNode;
}

/** Steps of a path in their order; they keep their places whatever becomes of them. */
export function Steps({ steps, label }: { steps: readonly Step[]; label: string }) {
  return (
    <ol className={css.steps} aria-label={label}>
      {steps.map(({ id, state, stateWord, title, detail, aside, body }) => {
        const { Icon, tone } = LOOKS[state];
        return (
          <li key={id} className={css.step} data-step={state}>
            <span className={css.mark} data-tone={tone}><Icon className={state === "running" ? css.spin : undefined} aria-hidden /></span>
            <div className={css.line}>
              <span className={css.title}>{title}<span className="visually-hidden">, {stateWord}</span></span>
              {detail !== undefined && <span className={css.detail}>{detail}</span>}
              {aside !== undefined && <span className={css.aside}>{aside}</span>}
            </div>
            {body !== undefined && <div className={css.body}>{body}</div>}
          </li>
        );
      })}
    </ol>
  );
}
