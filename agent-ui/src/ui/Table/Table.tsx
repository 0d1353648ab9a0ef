import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import {
  Cell as AriaCell, Column as AriaColumn, Row as AriaRow, Table as AriaTable, TableBody as AriaTableBody, TableHeader as AriaTableHeader,
  type CellProps, type ColumnProps as AriaColumnProps, type RowProps as AriaRowProps, type TableBodyProps, type TableProps as AriaTableProps,
} from "react-aria-components";
import css from "./Table.module.css";

export interface TableProps extends Omit<AriaTableProps, "className" | "style"> {
  /** Names the table for screen readers. */
  label: string;
  children: ReactNode;
  /** `fixed`: columns with a `span` are just so wide, the others share the rest. */
  layout?: "auto" | "fixed";
}

/** Rows of 36 px under a sticky head; sorted by the head only. Use `Column`, `Row`, `Cell` inside `TableHead` and `TableBody`. */
export function Table({ label, children, layout = "auto", ...rest }: TableProps) {
  return <div className={css.scroll}><AriaTable {...rest} aria-label={label} className={css.table ?? ""} data-layout={layout}>{children}</AriaTable></div>;
}

export function TableHead({ children }: { children: ReactNode }) {
  return <AriaTableHeader className={css.head ?? ""}>{children}</AriaTableHeader>;
}

export interface ColumnProps extends Omit<AriaColumnProps, "children" | "className" | "style"> {
  children?: ReactNode;
  align?: "start" | "end";
  /** Spoken only, for a column of icons or buttons. */
  hiddenLabel?: string;
  /** CSS width, e.g. `8rem`; columns without one share the rest. */
  span?: string;
}

export function Column({ children, align = "start", hiddenLabel, span, ...rest }: ColumnProps) {
  return (
    <AriaColumn {...rest} className={css.column ?? ""} data-align={align} {...(span === undefined ? {} : { style: { width: span } })}>
      {({ allowsSorting, sortDirection }) => (
        <span className={css.heading}>
          {hiddenLabel === undefined ? children : <span className="visually-hidden">{hiddenLabel}</span>}
          {allowsSorting && sortDirection !== undefined && (sortDirection === "ascending" ? <ArrowUp aria-hidden /> : <ArrowDown aria-hidden />)}
        </span>
      )}
    </AriaColumn>
  );
}

export function TableBody<T extends object>(props: Omit<TableBodyProps<T>, "className" | "style">) {
  return <AriaTableBody<T> {...props} className={css.body ?? ""} />;
}

export interface RowProps extends Omit<AriaRowProps<object>, "className" | "style" | "children"> { children: ReactNode }

export function Row({ children, ...rest }: RowProps) {
  return <AriaRow {...rest} className={css.row ?? ""}>{children}</AriaRow>;
}

export function Cell({ align = "start", truncate = false, ...rest }: Omit<CellProps, "className" | "style"> & { align?: "start" | "end"; truncate?: boolean }) {
  return <AriaCell {...rest} className={css.cell ?? ""} data-align={align} data-truncate={truncate || undefined} />;
}
