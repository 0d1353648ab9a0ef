import type { ReactNode } from "react";
import css from "./Cards.module.css";

export interface CardItem {
  id: string;
  /** What it is, on its first line. */
  head: ReactNode;
  /** Name and value of each of its facts, in their order. */
  facts: readonly (readonly [name: string, value: ReactNode])[];
}

/** Rows of a table as a card each, where its columns have no room. */
export function Cards({ label, items }: { label: string; items: readonly CardItem[] }) {
  return (
    <ul className={css.cards} aria-label={label}>
      {items.map(({ id, head, facts }) => (
        <li key={id} className={css.card}>
          <p className={css.head}>{head}</p>
          <dl className={css.facts}>
            {facts.map(([name, value]) => <div key={name} className={css.fact}><dt>{name}</dt><dd>{value}</dd></div>)}
          </dl>
        </li>
      ))}
    </ul>
  );
}
