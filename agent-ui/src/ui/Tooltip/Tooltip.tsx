import type { ReactElement } from "react";
import { Tooltip as AriaTooltip, TooltipTrigger, type TooltipProps } from "react-aria-components";
import css from "./Tooltip.module.css";

export interface TipProps {
  text: string;
  /** One focusable part of the kit. */
  children: ReactElement;
  placement?: NonNullable<TooltipProps["placement"]>;
}

/** Words that appear on hover after a moment and on keyboard focus at once. */
export function Tip({ text, children, placement = "bottom" }: TipProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={80}>
      {children}
      <AriaTooltip className={css.tip ?? ""} placement={placement} offset={6}>{text}</AriaTooltip>
    </TooltipTrigger>
  );
}
