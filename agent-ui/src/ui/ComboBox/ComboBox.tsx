import { ChevronsUpDown, Search } from "lucide-react";
import type { ReactNode } from "react";
import { Button, ComboBox as AriaComboBox, Group, Input, ListBox, Popover, type ComboBoxProps as AriaComboBoxProps, type Key } from "react-aria-components";
import { FieldFoot, FieldLabel, type FieldWords } from "../Field/Field";
import field from "../Field/Field.module.css";
import { ChoiceItem, type Choice } from "../Select/Select";
import list from "../Select/Select.module.css";

export interface ComboBoxProps extends FieldWords, Omit<AriaComboBoxProps<Choice>, "children" | "className" | "style" | "isInvalid" | "items" | "defaultItems" | "value" | "defaultValue" | "selectedKey" | "onSelectionChange" | "onChange"> {
  /** Filtered by the caller when `inputValue` is controlled and the list comes from the server; else filtered here. */
  choices: readonly Choice[];
  value?: string | null | undefined;
  onPick?: (id: string | null) => void;
  placeholder?: string | undefined;
  size?: "md" | "lg";
  /** `search` shows a glass and no arrow. */
  look?: "select" | "search";
  /** Shown when nothing matches. */
  empty?: ReactNode;
  /** True: `choices` are shown as they are. */
  filtered?: boolean;
}

export function ComboBox({ label, labelNote, hint, error, choices, value, onPick, placeholder, size = "md", look = "select", empty, filtered = false, ...rest }: ComboBoxProps) {
  return (
    <AriaComboBox<Choice>
      {...rest}
      {...(filtered ? { items: choices } : { defaultItems: choices })}
      {...(value === undefined ? {} : { value })}
      {...(onPick === undefined ? {} : { onChange: (key: Key | null) => onPick(key === null ? null : String(key)) })}
      isInvalid={Boolean(error)} data-tone={error ? "bad" : undefined}
      allowsEmptyCollection={empty !== undefined}
      className={field.field ?? ""}
    >
      <FieldLabel label={label} labelNote={labelNote} />
      <Group className={field.frame ?? ""} data-size={size}>
        {look === "search" && <Search className={field.lead} aria-hidden />}
        <Input className={field.input ?? ""} placeholder={placeholder ?? ""} />
        {look === "select" && <Button className={field.clear ?? ""}><ChevronsUpDown aria-hidden /></Button>}
      </Group>
      <FieldFoot hint={hint} error={error} />
      <Popover className={list.popover ?? ""} offset={4}>
        <ListBox<Choice> className={list.list ?? ""} renderEmptyState={() => <div className={list.empty}>{empty}</div>}>{(choice) => <ChoiceItem choice={choice} />}</ListBox>
      </Popover>
    </AriaComboBox>
  );
}
