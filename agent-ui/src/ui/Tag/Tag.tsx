import type { ReactNode } from "react";
import css from "./Tag.module.css";

export type Tone = "good" | "info" | "warn" | "bad";

export interface TagProps {
  children: ReactNode;
  icon?: ReactNode;
  /** filled: a fact; outlined: a suggestion or a property; a tone colours it. */
  look?: "filled" | "outlined";
  tone?: Tone | undefined;
}

export function Tag({ children, icon, look = "filled", tone }: TagProps) {
  return <span className={css.tag} data-look={look} data-tone={tone}>{icon}{children}</span>;
}

/** A count in a pill: `strong` for what wants somebody, quiet otherwise. */
export function Badge({ children, strong = false, label }: { children: ReactNode; strong?: boolean; label?: string }) {
  return <span className={css.badge} data-strong={strong || undefined} {...(label === undefined ? {} : { role: "img", "aria-label": label })}>{children}</span>;
}

/** Initials of a person: 44 px, or 32 px in a bar. */
export function Avatar({ children, size = "md" }: { children: ReactNode; size?: "sm" | "md" }) {
  return <span className={css.avatar} data-size={size} aria-hidden>{children}</span>;
}
