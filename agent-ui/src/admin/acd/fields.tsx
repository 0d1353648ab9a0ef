import { Plus, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Condition, SkillNeed } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { TextField } from "../../ui/Field/Field";
import { InlineError } from "../../ui/Message/Message";
import { Select } from "../../ui/Select/Select";
import { readNumber, wordsOf } from "./forms";
import css from "./acd.module.css";

interface NumberFieldProps {
  label: string;
  /** None where the field is empty or cannot be read. */
  value: number | null;
  onChange: (value: number | null) => void;
  unit?: string;
  min?: number;
  max: number;
  /** The value is kept in units so much smaller: 1 000 for seconds kept as milliseconds. */
  scale?: number;
  /** It may be empty. */
  optional?: boolean;
  hint?: string;
  error?: string | undefined;
}

/** A whole number within bounds. What cannot be read stays there, with the bounds beside it. */
export function NumberField({ label, value, onChange, unit, min = 0, max, scale = 1, optional = false, hint, error }: NumberFieldProps) {
  const shown = value === null ? "" : String(value / scale);
  const [text, setText] = useState(shown);
  const read = readNumber(text, min, max);
  const isText = (read === null ? null : read * scale) === value;
  const type = (next: string) => {
    setText(next);
    const found = readNumber(next, min, max);
    onChange(found === null ? null : found * scale);
  };
  const standing = isText ? text : shown;
  const isWrong = readNumber(standing, min, max) === null && !(optional && standing.trim() === "");
  return <TextField label={label} inputMode="numeric" value={standing} onChange={type} suffix={unit} error={isWrong ? m.acd_number_wrong({ min, max }) : error} {...(hint === undefined ? {} : { hint })} />;
}

/** Words between commas. */
export function WordsField({ label, value, onChange, hint, error }: { label: string; value: readonly string[]; onChange: (words: string[]) => void; hint?: string; error?: string | undefined }) {
  const [text, setText] = useState(value.join(", "));
  const standing = wordsOf(text).join() === value.join() ? text : value.join(", ");
  const type = (next: string) => {
    setText(next);
    onChange(wordsOf(next));
  };
  return <TextField label={label} value={standing} onChange={type} error={error} {...(hint === undefined ? {} : { hint })} />;
}

interface RowsProps<T> {
  label: string;
  items: readonly T[];
  /** What a new row holds. */
  fresh: T;
  add: string;
  empty?: string;
  /** How many fields stand in a row. */
  row: (item: T, set: (change: Partial<T>) => void, at: number) => ReactNode;
  onChange: (items: T[]) => void;
  error?: string | undefined;
}

/** Rows of fields that are added and taken away. */
export function Rows<T extends object>({ label, items, fresh, add, empty, row, onChange, error }: RowsProps<T>) {
  const put = (at: number, change: Partial<T>) => onChange(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  return (
    <fieldset className={css.rows}>
      <legend>{label}</legend>
      {items.length === 0 && empty !== undefined && <p className={css.quiet}>{empty}</p>}
      {items.map((item, at) => (
        <div key={at} className={css.line} role="group" aria-label={`${label} ${at + 1}`}>
          <div className={css.lineFields}>{row(item, (change) => put(at, change), at)}</div>
          <IconButton kind="quiet" icon={<X aria-hidden />} label={m.acd_take_away({ what: `${label} ${at + 1}` })} onPress={() => onChange(items.filter((_, nth) => nth !== at))} />
        </div>
      ))}
      {error !== undefined && <InlineError>{error}</InlineError>}
      <div><Button size="sm" icon={<Plus aria-hidden />} onPress={() => onChange([...items, fresh])}>{add}</Button></div>
    </fieldset>
  );
}

/** Skills with the level that is needed. */
export function NeedsField({ label = m.acd_needs(), value, onChange, error }: { label?: string; value: readonly SkillNeed[]; onChange: (needs: SkillNeed[]) => void; error: (field: string) => string | undefined }) {
  return (
    <Rows
      label={label}
      items={value}
      fresh={{ skill: "", level: 1 }}
      add={m.acd_need_add()}
      empty={m.acd_needs_none()}
      onChange={onChange}
      row={(need, set, at) => (
        <>
          <TextField label={m.acd_skill()} value={need.skill} onChange={(skill) => set({ skill })} error={error(`${at}.skill`)} />
          <NumberField label={m.acd_skill_level()} min={1} max={10} value={need.level} onChange={(level) => set({ level: level ?? 0 })} error={error(`${at}.level`)} />
        </>
      )}
    />
  );
}

const CONDITIONS: Record<Condition["condition"], () => string> = {
  nobody_signed_in: m.acd_when_nobody_signed_in,
  nobody_ready: m.acd_when_nobody_ready,
  waiting: m.acd_when_waiting,
  waited_for: m.acd_when_waited_for,
  expected_wait: m.acd_when_expected_wait,
};

/** When something happens: a condition on the queue as it is. */
export function ConditionField({ value, onChange, error }: { value: Condition; onChange: (condition: Condition) => void; error?: string | undefined }) {
  const kinds = Object.entries(CONDITIONS).map(([id, word]) => ({ id, label: word() }));
  return (
    <>
      <Select label={m.acd_when()} choices={kinds} value={value.condition} onChange={(kind) => onChange(freshCondition(kind))} error={error} />
      {value.condition === "waiting" && <NumberField label={m.acd_when_callers()} min={1} max={10_000} value={value.at_least} onChange={(count) => onChange({ ...value, at_least: count ?? 0 })} />}
      {(value.condition === "waited_for" || value.condition === "expected_wait") && <NumberField label={m.acd_when_seconds()} unit="s" min={1} max={86_400} scale={1_000} value={value.ms} onChange={(ms) => onChange({ ...value, ms: ms ?? 0 })} />}
    </>
  );
}

function freshCondition(kind: string): Condition {
  switch (kind) {
    case "nobody_ready":
      return { condition: "nobody_ready" };
    case "waiting":
      return { condition: "waiting", at_least: 5 };
    case "waited_for":
      return { condition: "waited_for", ms: 120_000 };
    case "expected_wait":
      return { condition: "expected_wait", ms: 300_000 };
    default:
      return { condition: "nobody_signed_in" };
  }
}
