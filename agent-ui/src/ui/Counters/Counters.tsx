import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { StateMark, type StateLook } from "../StateMark/StateMark";
import css from "./Counters.module.css";

export interface Counter<T extends string> {
  id: T;
  look: StateLook;
  word: string;
  count: number;
  /** Tinted while it is not zero. */
  wants?: boolean;
}

export interface CountersProps<T extends string> {
  label: string;
  counters: readonly Counter<T>[];
  value: T | null;
  onChange: (id: T | null) => void;
}

/** How many there are of each state; one that is pressed lets these stand out, pressed again all do. */
export function Counters<T extends string>({ label, counters, value, onChange }: CountersProps<T>) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      selectionMode="single"
      selectedKeys={value === null ? [] : [value]}
      onSelectionChange={(keys) => onChange(counters.find(({ id }) => keys.has(id))?.id ?? null)}
      className={css.counters ?? ""}
    >
      {counters.map(({ id, look, word, count, wants = false }) => (
        <ToggleButton key={id} id={id} className={css.counter ?? ""} data-state={look} data-wants={(wants && count > 0) || undefined} aria-label={`${word}: ${count}`}>
          <StateMark state={look} size={24} />
          <span className={css.words}><span className={css.count}>{count}</span><span className={css.word}>{word}</span></span>
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
