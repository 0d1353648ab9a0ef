import { useId } from "react";
import { Button } from "react-aria-components";
import { Tip } from "../Tooltip/Tooltip";
import css from "./SwitchButton.module.css";

export interface SwitchButtonProps {
  /** Its name, also the tooltip. */
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  /** Asked for, and not yet so. */
  isPending?: boolean;
  /** Why it cannot be switched: it stays focusable and says so. */
  reason?: string | null;
}

/** A switch in a row whose words stand elsewhere; it shows what is, not what was asked for. */
export function SwitchButton({ label, isOn, onChange, isPending = false, reason = null }: SwitchButtonProps) {
  const why = useId();
  const isBlocked = reason !== null;
  return (
    <Tip text={reason ?? label}>
      <Button
        aria-label={label}
        className={css.switch ?? ""}
        data-on={isOn || undefined}
        data-unavailable={isBlocked || undefined}
        isPending={isPending}
        onPress={() => !isBlocked && onChange(!isOn)}
        render={(props) => <button {...props} role="switch" aria-checked={isOn} {...(isBlocked ? { "aria-disabled": true, "aria-describedby": why } : {})} />}
      >
        <span className={css.knob} />
        {isBlocked && <span id={why} hidden>{reason}</span>}
      </Button>
    </Tip>
  );
}
