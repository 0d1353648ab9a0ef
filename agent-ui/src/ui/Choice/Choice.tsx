import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import {
  Checkbox as AriaCheckbox, Label, Radio as AriaRadio, RadioGroup as AriaRadioGroup, Switch as AriaSwitch, Text,
  type CheckboxProps as AriaCheckboxProps, type RadioGroupProps as AriaRadioGroupProps, type RadioProps as AriaRadioProps, type SwitchProps as AriaSwitchProps,
} from "react-aria-components";
import css from "./Choice.module.css";

export interface SwitchProps extends Omit<AriaSwitchProps, "children" | "className" | "style"> { children?: ReactNode }

export function Switch({ children, ...rest }: SwitchProps) {
  return (
    <AriaSwitch {...rest} className={css.row ?? ""}>
      <span className={css.track}><span className={css.knob} /></span>
      {children !== undefined && <span>{children}</span>}
    </AriaSwitch>
  );
}

export interface CheckboxProps extends Omit<AriaCheckboxProps, "children" | "className" | "style"> { children?: ReactNode }

export function Checkbox({ children, ...rest }: CheckboxProps) {
  return (
    <AriaCheckbox {...rest} className={css.row ?? ""}>
      {({ isIndeterminate, isSelected }) => (
        <>
          <span className={css.box}>{isIndeterminate ? <Minus aria-hidden /> : isSelected && <Check aria-hidden />}</span>
          {children !== undefined && <span>{children}</span>}
        </>
      )}
    </AriaCheckbox>
  );
}

export interface RadioGroupProps extends Omit<AriaRadioGroupProps, "children" | "className" | "style"> {
  label?: string | undefined;
  hint?: string | undefined;
  children: ReactNode;
}

export function RadioGroup({ label, hint, children, ...rest }: RadioGroupProps) {
  return (
    <AriaRadioGroup {...rest} className={css.group ?? ""}>
      {label !== undefined && <Label className={css.label ?? ""}>{label}</Label>}
      {children}
      {hint !== undefined && <Text slot="description" className={css.hint ?? ""}>{hint}</Text>}
    </AriaRadioGroup>
  );
}

export interface RadioProps extends Omit<AriaRadioProps, "children" | "className" | "style"> {
  children: ReactNode;
  /** `row` fills a list row with a line under it. */
  look?: "plain" | "row";
}

export function Radio({ children, look = "plain", ...rest }: RadioProps) {
  return (
    <AriaRadio {...rest} className={css.row ?? ""} data-look={look}>
      <span className={css.dot} />
      <span className={css.text}>{children}</span>
    </AriaRadio>
  );
}
