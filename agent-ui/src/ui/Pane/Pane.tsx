import type { ReactNode } from "react";
import css from "./Pane.module.css";

export interface PaneProps {
  title: ReactNode;
  /** Beside the title: a count, a date. */
  note?: ReactNode;
  /** At the right end of the head. */
  actions?: ReactNode;
  /** Under the head, does not scroll: segments, a search field. */
  toolbar?: ReactNode;
  /** Under the body, does not scroll. */
  foot?: ReactNode;
  children: ReactNode;
  level?: 1 | 2;
  ground?: "canvas" | "surface";
  head?: "md" | "admin";
  /** Fills the height of its column and scrolls alone. */
  fill?: boolean;
  padded?: boolean;
}

/** A part of the screen with its own head and its own scroll. */
export function Pane({ title, note, actions, toolbar, foot, children, level = 2, ground, head = "md", fill = true, padded = false }: PaneProps) {
  const H = level === 1 ? "h1" : "h2";
  return (
    <section className={css.pane} data-ground={ground} data-fill={fill || undefined}>
      <header className={css.head} data-head={head}>
        <H className={css.title}>{title}</H>
        {note !== undefined && <span className={css.note}>{note}</span>}
        {actions !== undefined && <div className={css.actions}>{actions}</div>}
      </header>
      {toolbar !== undefined && <div className={css.toolbar}>{toolbar}</div>}
      <div className={css.body} data-padded={padded || undefined}>{children}</div>
      {foot !== undefined && <footer className={css.foot}>{foot}</footer>}
    </section>
  );
}

/** A head of 44 px inside a pane. */
export function SectionHead({ title, note, actions, level = 3 }: { title: ReactNode; note?: ReactNode; actions?: ReactNode; level?: 2 | 3 }) {
  const H = level === 2 ? "h2" : "h3";
  return (
    <div className={css.head} data-section>
      <H className={css.title}>{title}</H>
      {note !== undefined && <span className={css.note}>{note}</span>}
      {actions !== undefined && <div className={css.actions}>{actions}</div>}
    </div>
  );
}
