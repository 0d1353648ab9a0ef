import { count } from "../../domain/format";
import css from "./parts.module.css";

export interface Figure {
  label: string;
  value: number;
  tone?: "bad" | undefined;
}

/** A few counts side by side. */
export function Figures({ label, items }: { label: string; items: readonly Figure[] }) {
  return (
    <dl className={css.figures} aria-label={label}>
      {items.map((item) => (
        <div key={item.label} className={css.figure} data-tone={item.tone}>
          <dd>{count(item.value)}</dd>
          <dt>{item.label}</dt>
        </div>
      ))}
    </dl>
  );
}
