// What an agent's state looks like and is called.
import type { components } from "../api/generated/rest";
import { m } from "../i18n/generated/messages.js";
import { labelOf } from "./locale";

type AgentStateView = components["schemas"]["AgentStateView"];
export type ReasonView = components["schemas"]["ReasonView"];

/** Values of `data-state`; the tokens know these. */
export type StateLook =
  | "logged_out"
  | "ready"
  | "reserved"
  | "ringing"
  | "talking"
  | "talking_direct"
  | "hold"
  | "wrap_up"
  | "pause"
  | "pause_private"
  | "pause_work"
  | "not_responding";

/** What is known beside the state itself, for one's own agent or from the devices. */
export interface Around {
  /** State of the agent's phone. */
  device?: string | undefined;
  /** The call the state is about did not come through a queue. */
  isDirect?: boolean | undefined;
}

/** The reason that stands behind a pause, by code. */
export function reasonOf(code: string | null | undefined, reasons: readonly ReasonView[]): ReasonView | undefined {
  return code === null || code === undefined ? undefined : reasons.find((reason) => reason.code === code);
}

/** The look of a pause: private ones and work differ from a break. */
export function pauseLook(reason: ReasonView | undefined): StateLook {
  if (reason === undefined) return "pause";
  if (reason.code === "not_answering") return "not_responding";
  if (reason.productive) return "pause_work";
  return reason.paid || reason.by_system ? "pause" : "pause_private";
}

export function lookOf(state: AgentStateView, reasons: readonly ReasonView[], around: Around = {}): StateLook {
  switch (state.effective) {
    case "logged_out":
      return "logged_out";
    case "ringing":
      return "ringing";
    case "wrap_up":
      return "wrap_up";
    case "talking":
      if (around.device === "held") return "hold";
      return around.isDirect === true ? "talking_direct" : "talking";
    case "paused":
      return pauseLook(reasonOf(state.reason, reasons));
    case "unreachable":
      // The overlay lies over what the person chose.
      return state.chosen === "paused" ? pauseLook(reasonOf(state.reason, reasons)) : "ready";
    default:
      return state.chosen === "logged_out" ? "logged_out" : "ready";
  }
}

/** True when the hatch of an unreachable phone lies over the mark. */
export const isUnreachable = (state: AgentStateView): boolean => state.effective === "unreachable";

/** The word of a look, without a reason's own name. */
export function lookWord(look: StateLook): string {
  switch (look) {
    case "logged_out":
      return m.state_logged_out();
    case "ready":
      return m.state_ready();
    case "reserved":
      return m.state_reserved();
    case "ringing":
      return m.state_ringing();
    case "talking":
      return m.state_talking();
    case "talking_direct":
      return m.state_talking_direct();
    case "hold":
      return m.state_hold();
    case "wrap_up":
      return m.state_wrap_up();
    case "not_responding":
      return m.state_not_responding();
    default:
      return m.state_pause();
  }
}

/** The name of a pause: its reason in the language of the page. */
export function pauseWord(code: string | null | undefined, reasons: readonly ReasonView[]): string {
  const reason = reasonOf(code, reasons);
  return reason === undefined ? (code ?? m.state_pause()) : labelOf(reason.labels, reason.code);
}

export function stateWord(state: AgentStateView, reasons: readonly ReasonView[], around: Around = {}): string {
  if (isUnreachable(state)) return m.state_unreachable();
  if (state.effective === "paused") return pauseWord(state.reason, reasons);
  return lookWord(lookOf(state, reasons, around));
}

/** What comes after the call or the wrap-up, when it is not Ready. */
export function pendingWord(state: AgentStateView, reasons: readonly ReasonView[]): string | null {
  const isBusy = ["ringing", "talking", "wrap_up"].includes(state.effective);
  if (!isBusy || state.chosen === "ready") return null;
  return state.chosen === "paused" ? pauseWord(state.reason, reasons) : m.state_logged_out();
}
