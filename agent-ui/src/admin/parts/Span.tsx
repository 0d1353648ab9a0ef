import type { ReactNode } from "react";
import css from "./parts.module.css";

/** A part of a form's row, in sixths; a narrow pane gives every field its own row. */
export function Span({ of, children }: { of: 2 | 3 | 4 | 6; children: ReactNode }) {
  return <div className={css.span} data-span={of}>{children}</div>;
}

/** The grid that `Span`s stand in. */
export function FormGrid({ flush = false, children }: { flush?: boolean; children: ReactNode }) {
  return <div className={css.contain}><div className={css.form} data-flush={flush || undefined}>{children}</div></div>;
}
