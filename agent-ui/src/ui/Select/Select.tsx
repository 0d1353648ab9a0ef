import { Check, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { Button, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue, Text, type Key, type SelectProps as AriaSelectProps } from "react-aria-components";
import { FieldFoot, FieldLabel, type FieldWords } from "../Field/Field";
import css from "./Select.module.css";

export interface Choice {
  id: string;
  label: string;
  note?: string | undefined;
  icon?: ReactNode;
  isDisabled?: boolean | undefined;
}

export interface SelectProps extends FieldWords, Omit<AriaSelectProps<Choice>, "children" | "className" | "style" | "isInvalid" | "value" | "defaultValue" | "selectedKey" | "onSelectionChange" | "onChange"> {
  choices: readonly Choice[];
  value: string | null;
  onChange: (id: string) => void;
  size?: "md" | "lg";
  icon?: ReactNode;
}

/** Rows of a choice list, shared by Select and ComboBox. */
export function ChoiceItem({ choice }: { choice: Choice }) {
  return (
    <ListBoxItem id={choice.id} textValue={choice.label} isDisabled={choice.isDisabled ?? false} className={css.item ?? ""}>
      {({ isSelected }) => (
        <>
          {choice.icon}
          <span className={css.words}>
            <Text slot="label" className="truncate">{choice.label}</Text>
            {choice.note !== undefined && <Text slot="description" className={css.itemNote ?? ""}>{choice.note}</Text>}
          </span>
          {isSelected && <Check className={css.check} aria-hidden />}
        </>
      )}
    </ListBoxItem>
  );
}

export function Select({ label, labelNote, hint, error, choices, value, onChange, size = "md", icon, placeholder, ...rest }: SelectProps) {
  const pick = (key: Key | null) => { if (key !== null) onChange(String(key)); };
  return (
    <AriaSelect {...rest} value={value} onChange={pick} isInvalid={Boolean(error)} data-tone={error ? "bad" : undefined} className={css.field ?? ""} {...(placeholder === undefined ? {} : { placeholder })}>
      <FieldLabel label={label} labelNote={labelNote} />
      <Button className={css.button ?? ""} data-size={size}>
        {icon}
        <SelectValue className={css.value ?? ""}>{({ selectedText, defaultChildren, isPlaceholder }) => (isPlaceholder ? defaultChildren : selectedText)}</SelectValue>
        <ChevronsUpDown className={css.chevron} aria-hidden />
      </Button>
      <FieldFoot hint={hint} error={error} />
      <Popover className={css.popover ?? ""} offset={4}>
        <ListBox items={choices} className={css.list ?? ""}>{(choice) => <ChoiceItem choice={choice} />}</ListBox>
      </Popover>
    </AriaSelect>
  );
}
