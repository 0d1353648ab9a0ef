import { Plus, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Condition, SkillNeed } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { TextField } from "../../ui/Field/Field";
import { InlineError } from "../../ui/Message/Message";
import { Select } from "../../ui/Select/Select";
import { clockOf, minutesOf, readNumber, wordsOf } from "./forms";
import { useTyped } from "./useTyped";
import css from "./acd.module.css";

interface Bounds {
  label: string;
  unit?: string;
  min?: number;
  max: number;
  /** The value is kept in units so much smaller: 1 000 for seconds kept as milliseconds. */
  scale?: number;
  hint?: string;
  error?: string | undefined;
}

interface NumberFieldProps<T> extends Bounds {
  value: T;
  onChange: (value: T) => void;
}

/** A whole number within bounds. Text that is none stays there with the bounds beside it, and the value before is kept. */
export function NumberField({ value, onChange, ...bounds }: NumberFieldProps<number>) {
  return <NumberText {...bounds} isOptional={false} value={value} onChange={(next) => { if (next !== null) onChange(next); }} />;
}

/** One that may be left empty. */
export function OptionalNumberField(props: NumberFieldProps<number | null>) {
  return <NumberText {...props} isOptional />;
}

function NumberText({ label, value, onChange, unit, min = 0, max, scale = 1, isOptional, hint, error }: NumberFieldProps<number | null> & { isOptional: boolean }) {
  const field = useTyped<number | null, string>(value, onChange, {
    show: (one) => (one === null ? "" : String(one / scale)),
    read: (text) => {
      if (isOptional && text.trim() === "") return null;
      const found = readNumber(text, min, max);
      return found === null ? undefined : found * scale;
    },
  });
  return <TextField label={label} inputMode="numeric" value={field.draft} onChange={field.type} onBlur={field.leave} suffix={unit} error={field.isUnread ? m.acd_number_wrong({ min, max }) : error} {...(hint === undefined ? {} : { hint })} />;
}

/** Minutes since midnight as a clock; what is none stays there and is not taken. */
export function ClockField({ label, value, onChange, error }: { label: string; value: number; onChange: (minutes: number) => void; error: string | undefined }) {
  const field = useTyped(value, onChange, { show: clockOf, read: (text: string) => minutesOf(text) ?? undefined });
  return <TextField label={label} inputMode="numeric" placeholder="08:00" value={field.draft} onChange={field.type} onBlur={field.leave} error={field.isUnread ? m.acd_clock_wrong() : error} />;
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
  // Rows have no name of their own: when one goes, no text that was typed in it may stay in the next.
  const [round, setRound] = useState(0);
  const put = (at: number, change: Partial<T>) => onChange(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  const take = (at: number) => {
    setRound(round + 1);
    onChange(items.filter((_, nth) => nth !== at));
  };
  return (
    <fieldset className={css.rows}>
      <legend>{label}</legend>
      {items.length === 0 && empty !== undefined && <p className={css.quiet}>{empty}</p>}
      {items.map((item, at) => (
        <div key={`${round}.${at}`} className={css.line} role="group" aria-label={`${label} ${at + 1}`}>
          <div className={css.lineFields}>{row(item, (change) => put(at, change), at)}</div>
          <IconButton kind="quiet" icon={<X aria-hidden />} label={m.acd_take_away({ what: `${label} ${at + 1}` })} onPress={() => take(at)} />
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
          <NumberField label={m.acd_skill_level()} min={1} max={10} value={need.level} onChange={(level) => set({ level })} error={error(`${at}.level`)} />
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
      {value.condition === "waiting" && <NumberField label={m.acd_when_callers()} min={1} max={10_000} value={value.at_least} onChange={(count) => onChange({ ...value, at_least: count })} />}
      {(value.condition === "waited_for" || value.condition === "expected_wait") && <NumberField label={m.acd_when_seconds()} unit="s" min={1} max={86_400} scale={1_000} value={value.ms} onChange={(ms) => onChange({ ...value, ms })} />}
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
