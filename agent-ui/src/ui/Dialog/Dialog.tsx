import type { ReactElement, ReactNode } from "react";
import { Dialog as AriaDialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";
import css from "./Dialog.module.css";

export interface DialogProps {
  title: string;
  /** The button that opens it; without one give `isOpen` and `onOpenChange`. */
  trigger?: ReactElement;
  isOpen?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode | ((close: () => void) => ReactNode);
  /** The row of buttons at the foot. */
  actions?: ReactNode | ((close: () => void) => ReactNode);
  width?: "sm" | "md" | "lg";
  /** `sheet` comes from the right and fills the height. */
  look?: "box" | "sheet";
  /** Must be answered by one of its buttons. */
  role?: "dialog" | "alertdialog";
}

/** A dialog opens after a person's press only, never from an event. */
export function Dialog({ title, trigger, isOpen, onOpenChange, children, actions, width = "sm", look = "box", role = "dialog" }: DialogProps) {
  const box = (
    <ModalOverlay
      className={css.overlay ?? ""}
      data-look={look}
      isDismissable={role === "dialog"}
      {...(trigger === undefined && isOpen !== undefined ? { isOpen } : {})}
      {...(trigger === undefined && onOpenChange !== undefined ? { onOpenChange } : {})}
    >
      <Modal className={css.modal ?? ""} data-width={width} data-look={look}>
        <AriaDialog role={role} className={css.dialog ?? ""}>
          {({ close }) => (
            <>
              <Heading slot="title" className={css.title ?? ""}>{title}</Heading>
              <div className={css.body}>{typeof children === "function" ? children(close) : children}</div>
              {actions !== undefined && <div className={css.actions}>{typeof actions === "function" ? actions(close) : actions}</div>}
            </>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
  if (trigger === undefined) return box;
  return <DialogTrigger {...(isOpen === undefined ? {} : { isOpen })} {...(onOpenChange === undefined ? {} : { onOpenChange })}>{trigger}{box}</DialogTrigger>;
}
