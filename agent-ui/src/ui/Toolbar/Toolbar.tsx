import type { ReactNode } from "react";
import { Toolbar as AriaToolbar } from "react-aria-components";

export interface ToolbarProps {
  label: string;
  className?: string | undefined;
  children: ReactNode;
}

/** Buttons in a row with one tab stop; arrows move between them. Text fields stay outside. */
export function Toolbar({ label, className, children }: ToolbarProps) {
  return (
    <AriaToolbar aria-label={label} className={className ?? ""}>
      {children}
    </AriaToolbar>
  );
}
