import { Check } from "lucide-react";
import type { ReactElement, ReactNode, RefObject } from "react";
import {
  Header, Menu as AriaMenu, MenuItem as AriaMenuItem, MenuSection as AriaMenuSection, MenuTrigger, Popover, Separator, Text,
  type MenuItemProps as AriaMenuItemProps, type MenuProps as AriaMenuProps, type MenuSectionProps as AriaMenuSectionProps, type PopoverProps,
} from "react-aria-components";
import css from "./Menu.module.css";

export interface MenuProps extends Omit<AriaMenuProps<object>, "className" | "style"> {
  /** The button that opens it. */
  trigger: ReactElement;
  children: ReactNode;
  placement?: NonNullable<PopoverProps["placement"]>;
  isOpen?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  /** Above the items, inside the popover. */
  head?: ReactNode;
  /** Below the items; may hold a switch or a quiet button. */
  foot?: ReactNode;
}

export function Menu({ trigger, children, placement = "bottom start", isOpen, onOpenChange, head, foot, ...rest }: MenuProps) {
  return (
    <MenuTrigger {...(isOpen === undefined ? {} : { isOpen })} {...(onOpenChange === undefined ? {} : { onOpenChange })}>
      {trigger}
      <Popover className={css.popover ?? ""} placement={placement} offset={6}>
        {head !== undefined && <div className={css.head}>{head}</div>}
        <AriaMenu {...rest} className={css.menu ?? ""}>{children}</AriaMenu>
        {foot !== undefined && <div className={css.foot}>{foot}</div>}
      </Popover>
    </MenuTrigger>
  );
}

/** A panel whose button is drawn elsewhere, and sooner. */
export interface PanelOfButton {
  button: RefObject<HTMLElement | null>;
  isOpen: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The menu alone: the button beside says `aria-haspopup` and `aria-expanded` itself. */
export function MenuPanel({ button, isOpen, onOpenChange, placement = "bottom start", head, children, ...rest }: PanelOfButton & Omit<MenuProps, "trigger" | "foot">) {
  return (
    <Popover trigger="MenuTrigger" triggerRef={button} aria-label={rest["aria-label"] ?? ""} isOpen={isOpen} onOpenChange={onOpenChange} className={css.popover ?? ""} placement={placement} offset={6}>
      {head !== undefined && <div className={css.head}>{head}</div>}
      <AriaMenu {...rest} autoFocus="first" onClose={() => onOpenChange(false)} className={css.menu ?? ""}>{children}</AriaMenu>
    </Popover>
  );
}

export interface MenuItemProps extends Omit<AriaMenuItemProps, "children" | "className" | "style"> {
  icon?: ReactNode;
  /** At the right, e.g. used and allowed minutes. */
  aside?: ReactNode;
  /** For the eye; the sheet of shortcuts says it to the ear. */
  kbd?: string | undefined;
  /** Second line, e.g. why it cannot be chosen. */
  note?: string | undefined;
  children: string;
}

export function MenuItem({ icon, aside, kbd, note, children, ...rest }: MenuItemProps) {
  return (
    <AriaMenuItem {...rest} textValue={children} className={css.item ?? ""}>
      {({ isSelected, selectionMode }) => (
        <>
          {icon}
          {/* All that is read here is its name: who hears it is told as much as who sees it. */}
          <Text slot="label" className={css.label ?? ""}>
            <span className={css.words}>{children}{note !== undefined && <> <span className={css.note}>{note}</span></>}</span>
            {aside !== undefined && <> <span className={css.aside}>{aside}</span></>}
          </Text>
          {kbd !== undefined && <kbd className={css.kbd} data-keys={kbd} aria-hidden />}
          {selectionMode !== "none" && isSelected && <Check className={css.check} aria-hidden />}
        </>
      )}
    </AriaMenuItem>
  );
}

export interface MenuSectionProps extends Pick<AriaMenuSectionProps<object>, "selectionMode" | "selectedKeys" | "onSelectionChange"> {
  title?: string;
  /** For screen readers, where it has no title. */
  label?: string;
  children: ReactNode;
}

/** Items under one title; with `selectionMode` they are ticked instead of run. */
export function MenuSection({ title, label, children, ...rest }: MenuSectionProps) {
  return (
    <AriaMenuSection {...rest} className={css.section ?? ""} {...(title === undefined && label !== undefined ? { "aria-label": label } : {})}>
      {title !== undefined && <Header className={css.title ?? ""}>{title}</Header>}
      {children}
    </AriaMenuSection>
  );
}

export function MenuLine() {
  return <Separator className={css.line ?? ""} />;
}
