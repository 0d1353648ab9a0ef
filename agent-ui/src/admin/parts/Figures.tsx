import { count } from "../../domain/format";
import css from "./parts.module.css";

export interface Figure {
  label: string;
  /** A count, or a value in words. */
  value: number | string;
  tone?: "bad" | undefined;
}

/** A few figures side by side. */
export function Figures({ label, items }: { label: string; items: readonly Figure[] }) {
  return (
    <dl className={css.figures} aria-label={label}>
      {items.map((item) => (
        <div key={item.label} className={css.figure} data-tone={item.tone}>
          <dd>{typeof item.value === "number" ? count(item.value) : item.value}</dd>
          <dt>{item.label}</dt>
        </div>
      ))}
    </dl>
  );
}
