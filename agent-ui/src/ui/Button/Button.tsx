import { LoaderCircle } from "lucide-react";
import { useId, type ReactNode, type Ref } from "react";
import { Button as AriaButton, ToggleButton as AriaToggleButton, type ButtonProps as AriaButtonProps, type ToggleButtonProps as AriaToggleButtonProps } from "react-aria-components";
import { Kbd } from "../Kbd/Kbd";
import { Tip } from "../Tooltip/Tooltip";
import css from "./Button.module.css";

/** A button without a look of its own, where its place gives it one. */
export { AriaButton as BareButton };

export type ButtonKind = "primary" | "default" | "quiet" | "answer" | "clear";
export type ButtonSize = "sm" | "md" | "lg";

interface Look {
  kind?: ButtonKind | undefined;
  size?: ButtonSize | undefined;
  icon?: ReactNode;
}

export interface ButtonProps extends Look, Omit<AriaButtonProps, "children" | "className" | "style" | "isDisabled" | "isPending"> {
  children?: ReactNode;
  isPending?: boolean | undefined;
  /** Why it cannot be pressed now: it stays focusable and says so. */
  reason?: string | null | undefined;
  /** Shown as a tooltip while it can be pressed. */
  tip?: string | undefined;
  kbd?: string | undefined;
  /** Fills the width of its row. */
  wide?: boolean | undefined;
  ref?: Ref<HTMLButtonElement>;
}

/** A button that never hides: pending keeps its width, and one that may not be pressed keeps the focus and tells why. */
export function Button({ kind = "default", size = "md", icon, kbd, reason, tip, wide, isPending = false, children, onPress, ...rest }: ButtonProps) {
  const why = useId();
  const blocked = reason !== undefined && reason !== null && reason !== "";
  const button = (
    <AriaButton
      {...rest}
      {...(onPress && !blocked ? { onPress } : {})}
      {...(blocked ? { type: "button" as const } : {})}
      isPending={isPending}
      className={css.button ?? ""}
      data-kind={kind}
      data-size={size}
      data-wide={wide || undefined}
      data-icon-only={children === undefined || undefined}
      data-unavailable={blocked || undefined}
      {...(blocked ? { render: (props) => <button {...props} aria-disabled="true" aria-describedby={why} /> } : {})}
    >
      {isPending ? <LoaderCircle className={css.spin} aria-hidden /> : icon}
      {children !== undefined && <span className={css.label}>{children}</span>}
      {kbd !== undefined && <Kbd tone={kind === "primary" || kind === "answer" ? "inverse" : "plain"}>{kbd}</Kbd>}
      {blocked && <span id={why} hidden>{reason}</span>}
    </AriaButton>
  );
  const text = blocked ? reason : tip;
  return text ? <Tip text={text}>{button}</Tip> : button;
}

export interface IconButtonProps extends Omit<ButtonProps, "children" | "icon" | "aria-label"> {
  icon: ReactNode;
  /** Its name, also the tooltip. */
  label: string;
}

export function IconButton({ label, tip, ...rest }: IconButtonProps) {
  return <Button {...rest} aria-label={label} tip={tip ?? label} />;
}

export interface ToggleButtonProps extends Look, Omit<AriaToggleButtonProps, "children" | "className" | "style"> {
  children?: ReactNode;
  label?: string | undefined;
}

export function ToggleButton({ kind = "default", size = "md", icon, children, label, ...rest }: ToggleButtonProps) {
  const button = (
    <AriaToggleButton {...rest} {...(label === undefined ? {} : { "aria-label": label })} className={css.button ?? ""} data-kind={kind} data-size={size} data-icon-only={children === undefined || undefined}>
      {icon}
      {children !== undefined && <span className={css.label}>{children}</span>}
    </AriaToggleButton>
  );
  return label === undefined ? button : <Tip text={label}>{button}</Tip>;
}
