import type { ReactNode } from "react";
import css from "./Kbd.module.css";

/** A key or a chord, such as `Alt ⇧ A`; hidden from screen readers, which hear it from `aria-keyshortcuts`. */
export function Kbd({ children, tone = "plain" }: { children: ReactNode; tone?: "plain" | "inverse" }) {
  return <kbd className={css.kbd} data-key-tone={tone} aria-hidden>{children}</kbd>;
}
