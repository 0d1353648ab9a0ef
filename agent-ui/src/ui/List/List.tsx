import type { ReactNode } from "react";
import {
  GridList as AriaGridList, GridListHeader, GridListItem as AriaGridListItem, GridListSection, Header, ListBox as AriaListBox, ListBoxItem as AriaListBoxItem, ListBoxSection as AriaListBoxSection,
  type GridListItemProps, type GridListProps as AriaGridListProps, type ListBoxItemProps, type ListBoxProps as AriaListBoxProps,
} from "react-aria-components";
import css from "./List.module.css";

export interface GridListProps<T extends object> extends Omit<AriaGridListProps<T>, "className" | "style" | "aria-label"> { label: string }

/** Rows that may hold buttons; arrows move between rows and into them. */
export function GridList<T extends object>({ label, ...rest }: GridListProps<T>) {
  return <AriaGridList<T> {...rest} aria-label={label} className={css.list ?? ""} />;
}

export interface GridRowProps extends Omit<GridListItemProps<object>, "className" | "style" | "children" | "textValue"> {
  /** What a screen reader and typing ahead find. */
  text: string;
  children: ReactNode;
  height?: "one" | "two";
}

export function GridRow({ text, children, height = "two", ...rest }: GridRowProps) {
  return <AriaGridListItem {...rest} textValue={text} className={css.row ?? ""} data-height={height}>{children}</AriaGridListItem>;
}

export function GridSection({ title, children, id }: { title: string; children: ReactNode; id: string }) {
  return <GridListSection id={id} aria-label={title}><GridListHeader className={css.header ?? ""}>{title}</GridListHeader>{children}</GridListSection>;
}

export interface ListBoxProps<T extends object> extends Omit<AriaListBoxProps<T>, "className" | "style" | "aria-label"> { label: string }

export function ListBox<T extends object>({ label, ...rest }: ListBoxProps<T>) {
  return <AriaListBox<T> {...rest} aria-label={label} className={css.list ?? ""} />;
}

export function ListRow({ text, children, height = "two", ...rest }: Omit<ListBoxItemProps<object>, "className" | "style" | "children" | "textValue"> & { text: string; children: ReactNode; height?: "one" | "two" }) {
  return <AriaListBoxItem {...rest} textValue={text} className={css.row ?? ""} data-height={height}>{children}</AriaListBoxItem>;
}

export function ListSection({ title, children, id }: { title: string; children: ReactNode; id?: string }) {
  return <AriaListBoxSection {...(id === undefined ? {} : { id })}><Header className={css.header ?? ""}>{title}</Header>{children}</AriaListBoxSection>;
}
