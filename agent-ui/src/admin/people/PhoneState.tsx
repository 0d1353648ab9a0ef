import { m } from "../../i18n/generated/messages.js";
import parts from "../parts/parts.module.css";
import css from "./people.module.css";
import type { PhoneRow } from "./rows";

/** The state of a phone as the switch reports it, with its word. */
export function PhoneState({ row }: { row: Pick<PhoneRow, "device" | "entry"> }) {
  const state = row.device?.state ?? "not_seen";
  return (
    <span className={parts.state}>
      <span className={css.dot} data-phone={state} data-tone={toneOf(state)} aria-hidden />
      {phoneWord(state)}
    </span>
  );
}

function toneOf(state: string): string {
  if (state === "idle") return "good";
  if (state === "busy" || state === "held" || state === "ringing") return "info";
  return state === "unreachable" ? "warn" : "off";
}

export function phoneWord(state: string): string {
  const words: Record<string, () => string> = {
    idle: m.admin_phone_idle,
    ringing: m.admin_phone_ringing,
    busy: m.admin_phone_busy,
    held: m.admin_phone_held,
    unreachable: m.admin_phone_unreachable,
    unknown: m.admin_phone_unknown,
    not_seen: m.admin_phone_not_seen,
  };
  return words[state]?.() ?? state;
}
