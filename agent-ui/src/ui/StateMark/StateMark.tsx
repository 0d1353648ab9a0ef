import { Bell, BriefcaseBusiness, Coffee, MessageSquareText, Pause, Pencil, Phone, UserRound, type LucideIcon } from "lucide-react";
import css from "./StateMark.module.css";

/** How an agent's state looks; pauses look by what their reason counts as. */
export type StateLook =
  | "logged_out" | "ready" | "chatting" | "reserved" | "ringing" | "talking" | "talking_direct" | "hold" | "wrap_up"
  | "pause" | "pause_private" | "pause_work" | "not_responding";

const GLYPHS: Partial<Record<StateLook, LucideIcon>> = {
  chatting: MessageSquareText, ringing: Bell, talking: Phone, talking_direct: Phone, hold: Pause, wrap_up: Pencil,
  pause: Coffee, pause_private: UserRound, pause_work: BriefcaseBusiness,
};

export interface StateMarkProps {
  state: StateLook;
  size?: 12 | 16 | 20 | 24 | 28;
  /** The phone cannot be reached: hatched over the base colour. */
  unreachable?: boolean | undefined;
}

/** Disc and glyph of a state. The word always stands beside it as text, so the mark itself is silent. */
export function StateMark({ state, size = 20, unreachable = false }: StateMarkProps) {
  const Glyph = GLYPHS[state];
  return (
    <span className={css.mark} data-state={state} data-size={size} data-unreachable={unreachable || undefined} aria-hidden>
      {!unreachable && size > 12 && (state === "not_responding" ? <b>!</b> : Glyph && <Glyph />)}
    </span>
  );
}

/** Light of a link: disc = connected, ring = off, triangle = wanted but failing. */
export function LinkLight({ state }: { state: "up" | "off" | "failing" }) {
  return <span className={css.light} data-light={state} data-tone={state === "up" ? "good" : state === "failing" ? "warn" : "off"} aria-hidden />;
}
