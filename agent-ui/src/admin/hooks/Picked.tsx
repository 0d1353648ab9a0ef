import { X } from "lucide-react";
import { m } from "../../i18n/generated/messages.js";
import { IconButton } from "../../ui/Button/Button";
import { InlineError } from "../../ui/Message/Message";
import { type Choice, Select } from "../../ui/Select/Select";
import css from "./hooks.module.css";

interface PickedProps {
  label: string;
  /** Stands in the list of choices, e.g. “all queues”. */
  none: string;
  choices: readonly Choice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  error?: string | undefined;
}

/** Some of many: those that were chosen, and a list to add one. */
export function Picked({ label, none, choices, value, onChange, error }: PickedProps) {
  const names = new Map(choices.map(({ id, label: name }) => [id, name]));
  return (
    <div className={css.picked}>
      <Select label={label} placeholder={value.length === 0 ? none : m.hook_add_one()} choices={choices.filter(({ id }) => !value.includes(id))} value={null} onChange={(id) => onChange([...value, id])} />
      {value.length > 0 && (
        <ul className={css.chosen} aria-label={label}>
          {value.map((id) => (
            <li key={id}>
              <span>{names.get(id) ?? id}</span>
              <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.acd_take_away({ what: names.get(id) ?? id })} onPress={() => onChange(value.filter((one) => one !== id))} />
            </li>
          ))}
        </ul>
      )}
      {error !== undefined && <InlineError>{error}</InlineError>}
    </div>
  );
}
