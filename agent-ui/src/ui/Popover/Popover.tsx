import type { ReactElement, ReactNode } from "react";
import { Dialog, DialogTrigger, Popover as AriaPopover, type PopoverProps as AriaPopoverProps } from "react-aria-components";
import css from "./Popover.module.css";

export interface PopoverProps {
  trigger: ReactElement;
  /** Name of what it shows. */
  label: string;
  children: ReactNode | ((close: () => void) => ReactNode);
  placement?: NonNullable<AriaPopoverProps["placement"]>;
  isOpen?: boolean;
  onOpenChange?: (open: boolean) => void;
}

/** Floats beside its opener; opens only by a person's press. */
export function Popover({ trigger, label, children, placement = "bottom start", isOpen, onOpenChange }: PopoverProps) {
  return (
    <DialogTrigger {...(isOpen === undefined ? {} : { isOpen })} {...(onOpenChange === undefined ? {} : { onOpenChange })}>
      {trigger}
      <AriaPopover className={css.popover ?? ""} placement={placement} offset={6}>
        <Dialog aria-label={label} className={css.body ?? ""}>{({ close }) => (typeof children === "function" ? children(close) : children)}</Dialog>
      </AriaPopover>
    </DialogTrigger>
  );
}
