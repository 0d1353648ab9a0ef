import { CircleAlert, Search, X } from "lucide-react";
import type { ReactNode, Ref } from "react";
import {
  Button, FieldError, Group, Input, Label, SearchField as AriaSearchField, Text, TextArea as AriaTextArea, TextField as AriaTextField,
  type SearchFieldProps as AriaSearchFieldProps, type TextFieldProps as AriaTextFieldProps,
} from "react-aria-components";
import css from "./Field.module.css";

export interface FieldWords {
  label?: string | undefined;
  /** Beside the label, e.g. “required by Customer line”. */
  labelNote?: ReactNode;
  /** Under the field, until there is an error. */
  hint?: ReactNode;
  /** What is wrong and how to mend it; marks the field as invalid. */
  error?: string | null | undefined;
}

type FieldSize = "md" | "lg";

export interface TextFieldProps extends FieldWords, Omit<AriaTextFieldProps, "children" | "className" | "style" | "isInvalid"> {
  placeholder?: string | undefined;
  size?: FieldSize;
  /** Text at the end inside the frame, e.g. “stored”. */
  suffix?: ReactNode;
  mono?: boolean;
  /** `search` shows a glass. */
  look?: "plain" | "search";
  inputRef?: Ref<HTMLInputElement>;
}

export function FieldLabel({ label, labelNote }: FieldWords) {
  if (label === undefined) return null;
  return <div className={css.labelRow}><Label className={css.label ?? ""}>{label}</Label>{labelNote !== undefined && <span className={css.note}>{labelNote}</span>}</div>;
}

export function FieldFoot({ hint, error }: FieldWords) {
  if (error) return <FieldError className={css.error ?? ""} data-tone="bad"><CircleAlert aria-hidden />{error}</FieldError>;
  return hint === undefined ? null : <Text slot="description" className={css.hint ?? ""}>{hint}</Text>;
}

export function TextField({ label, labelNote, hint, error, placeholder, size = "md", suffix, mono = false, look = "plain", inputRef, ...rest }: TextFieldProps) {
  return (
    <AriaTextField {...rest} isInvalid={Boolean(error)} data-tone={error ? "bad" : undefined} className={css.field ?? ""}>
      <FieldLabel label={label} labelNote={labelNote} />
      <Group className={css.frame ?? ""} data-size={size} data-mono={mono || undefined}>
        {look === "search" && <Search className={css.lead} aria-hidden />}
        <Input className={css.input ?? ""} placeholder={placeholder ?? ""} {...(inputRef === undefined ? {} : { ref: inputRef })} />
        {suffix !== undefined && <span className={css.suffix}>{suffix}</span>}
      </Group>
      <FieldFoot hint={hint} error={error} />
    </AriaTextField>
  );
}

export interface SearchFieldProps extends FieldWords, Omit<AriaSearchFieldProps, "children" | "className" | "style" | "isInvalid"> {
  placeholder?: string | undefined;
  size?: FieldSize;
  inputRef?: Ref<HTMLInputElement>;
}

export function SearchField({ label, labelNote, hint, error, placeholder, size = "md", inputRef, ...rest }: SearchFieldProps) {
  return (
    <AriaSearchField {...rest} isInvalid={Boolean(error)} data-tone={error ? "bad" : undefined} className={css.field ?? ""}>
      {({ isEmpty }) => (
        <>
          <FieldLabel label={label} labelNote={labelNote} />
          <Group className={css.frame ?? ""} data-size={size}>
            <Search className={css.lead} aria-hidden />
            <Input className={css.input ?? ""} placeholder={placeholder ?? ""} {...(inputRef === undefined ? {} : { ref: inputRef })} />
            {!isEmpty && <Button className={css.clear ?? ""}><X aria-hidden /></Button>}
          </Group>
          <FieldFoot hint={hint} error={error} />
        </>
      )}
    </AriaSearchField>
  );
}

export interface TextAreaProps extends FieldWords, Omit<AriaTextFieldProps, "children" | "className" | "style" | "isInvalid"> {
  placeholder?: string | undefined;
  rows?: number;
  /** Takes the height its container leaves. */
  grow?: boolean;
}

export function TextArea({ label, labelNote, hint, error, placeholder, rows = 4, grow = false, ...rest }: TextAreaProps) {
  return (
    <AriaTextField {...rest} isInvalid={Boolean(error)} data-tone={error ? "bad" : undefined} className={css.field ?? ""} data-grow={grow || undefined}>
      <FieldLabel label={label} labelNote={labelNote} />
      <AriaTextArea rows={rows} className={css.area ?? ""} placeholder={placeholder ?? ""} />
      <FieldFoot hint={hint} error={error} />
    </AriaTextField>
  );
}
