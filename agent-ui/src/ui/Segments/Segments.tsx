import type { Key } from "react-aria-components";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import css from "./Segments.module.css";

export interface SegmentsProps<T extends string> {
  /** What the views are of, for screen readers. */
  label: string;
  options: readonly { id: T; label: string }[];
  value: T;
  onChange: (id: T) => void;
  /** Fills its row; segments share the width. */
  wide?: boolean;
}

/** Views and time windows; never actions. Exactly one is chosen. */
export function Segments<T extends string>({ label, options, value, onChange, wide = false }: SegmentsProps<T>) {
  const pick = (keys: Set<Key>) => {
    const found = options.find((option) => keys.has(option.id));
    if (found !== undefined) onChange(found.id);
  };
  return (
    <ToggleButtonGroup aria-label={label} selectionMode="single" disallowEmptySelection selectedKeys={[value]} onSelectionChange={pick} className={css.group ?? ""} data-wide={wide || undefined}>
      {options.map((option) => <ToggleButton key={option.id} id={option.id} className={css.segment ?? ""}>{option.label}</ToggleButton>)}
    </ToggleButtonGroup>
  );
}

export interface ChipsProps {
  label: string;
  options: readonly { id: string; label: string }[];
  value: string | null;
  onChange: (id: string) => void;
  isDisabled?: boolean;
}

/** Frequent choices as pills, one of which may be chosen. */
export function Chips({ label, options, value, onChange, isDisabled = false }: ChipsProps) {
  const pick = (keys: Set<Key>) => {
    const found = options.find((option) => keys.has(option.id));
    if (found !== undefined) onChange(found.id);
  };
  return (
    <ToggleButtonGroup aria-label={label} selectionMode="single" disallowEmptySelection={value !== null} selectedKeys={value === null ? [] : [value]} onSelectionChange={pick} isDisabled={isDisabled} className={css.chips ?? ""}>
      {options.map((option) => <ToggleButton key={option.id} id={option.id} className={css.chip ?? ""}>{option.label}</ToggleButton>)}
    </ToggleButtonGroup>
  );
}
