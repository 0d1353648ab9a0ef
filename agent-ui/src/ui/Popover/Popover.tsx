import type { ReactElement, ReactNode, RefObject } from "react";
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

export interface PopoverPanelProps extends Pick<PopoverProps, "label" | "placement"> {
  button: RefObject<HTMLButtonElement | null>;
  isOpen: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
}

/** The panel alone, of a button that is drawn elsewhere and says `aria-haspopup` and `aria-expanded` itself. */
export function PopoverPanel({ button, label, children, placement = "bottom start", isOpen, onOpenChange }: PopoverPanelProps) {
  return (
    <AriaPopover triggerRef={button} isOpen={isOpen} onOpenChange={onOpenChange} className={css.popover ?? ""} placement={placement} offset={6}>
      <Dialog aria-label={label} className={css.body ?? ""}>{children}</Dialog>
    </AriaPopover>
  );
}
