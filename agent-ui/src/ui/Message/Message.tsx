import { CircleAlert, CircleCheck, Info, OctagonAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Tone } from "../Tag/Tag";
import css from "./Message.module.css";

const ICONS = { good: CircleCheck, info: Info, warn: TriangleAlert, bad: OctagonAlert } as const;

export interface MessageProps {
  tone: Tone;
  /** The first words, strong. */
  title?: string | undefined;
  children?: ReactNode;
  actions?: ReactNode;
  /** `banner` spans its pane without corners. */
  look?: "box" | "banner" | "plain";
  /** Spoken when it appears; an error that a person caused wants `alert`. */
  live?: "status" | "alert" | undefined;
}

export function Message({ tone, title, children, actions, look = "box", live }: MessageProps) {
  const Icon = ICONS[tone];
  return (
    <div className={css.message} data-tone={tone} data-look={look} {...(live === undefined ? {} : { role: live })}>
      <Icon className={css.icon} aria-hidden />
      <div className={css.text}>{title !== undefined && <strong>{title} </strong>}{children}</div>
      {actions !== undefined && <div className={css.actions}>{actions}</div>}
    </div>
  );
}

/** One sentence of error in place, such as under a form. */
export function InlineError({ children }: { children: ReactNode }) {
  return <p className={css.inline} data-tone="bad" role="alert"><CircleAlert aria-hidden />{children}</p>;
}
