// What an agent's state looks like and is called.
import type { components } from "../api/generated/rest";
import { m } from "../i18n/generated/messages.js";
import { type Choice, isAtWork, pendingOf, type WithState } from "./agent";
import { type ReasonView, reasonName, reasonOf } from "./reasons";

type AgentStateView = components["schemas"]["AgentStateView"];

/** Values of `data-state`; the tokens know these. */
export type StateLook =
  | "logged_out"
  | "ready"
  | "chatting"
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

/** Pauses that a rule gives to who does not take calls. */
const MISSED: readonly string[] = ["not_answering", "no_answer", "rejected", "unreachable"];

/** True when a rule paused the agent because calls were not taken. */
export const isNotAnswering = (state: AgentStateView): boolean => state.effective === "paused" && MISSED.includes(state.reason ?? "");

/** The look of a pause: private ones and work differ from a break. */
export function pauseLook(code: string | null | undefined, reasons: readonly ReasonView[]): StateLook {
  if (MISSED.includes(code ?? "")) return "not_responding";
  const reason = reasonOf(code, reasons);
  if (reason === undefined) return "pause";
  if (reason.productive) return "pause_work";
  return reason.paid || reason.by_system ? "pause" : "pause_private";
}

export function lookOf(state: AgentStateView, reasons: readonly ReasonView[], around: Around = {}): StateLook {
  switch (state.effective) {
    case "logged_out":
      return "logged_out";
    case "reserved":
    case "ringing":
    case "wrap_up":
      return state.effective;
    case "talking":
      if (around.device === "held") return "hold";
      return around.isDirect === true ? "talking_direct" : "talking";
    case "paused":
      return pauseLook(state.reason, reasons);
    case "unreachable":
      // The overlay lies over what the person chose.
      return state.chosen === "paused" ? pauseLook(state.reason, reasons) : "ready";
    default:
      if (state.chosen === "logged_out") return "logged_out";
      return chattingSince(state) === null ? "ready" : "chatting";
  }
}

/** Since when an agent who would take a call chats; null when it does not. */
export function chattingSince({ effective, working }: AgentStateView): string | null {
  if (effective !== "ready") return null;
  return (working ?? []).filter(({ medium }) => medium === "chat").map(({ since }) => since).toSorted().at(0) ?? null;
}

/** Since when it is so. */
export const stateSince = (state: AgentStateView): string => chattingSince(state) ?? state.since;

/** True when the hatch of an unreachable phone lies over the mark. */
export const isUnreachable = (state: AgentStateView): boolean => state.effective === "unreachable";

/** The word of a look, without a reason's own name. */
export function lookWord(look: StateLook): string {
  switch (look) {
    case "logged_out":
      return m.state_logged_out();
    case "ready":
      return m.state_ready();
    case "chatting":
      return m.state_chatting();
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
  if (reason !== undefined) return reasonName(reason);
  return MISSED.includes(code ?? "") ? m.state_not_responding() : (code ?? m.state_pause());
}

/** The word of a state that was chosen. */
export function choiceWord(choice: Choice, reasons: readonly ReasonView[]): string {
  if (choice.state === "paused") return pauseWord(choice.reason, reasons);
  return choice.state === "ready" ? m.state_ready() : m.state_logged_out();
}

export function stateWord(state: AgentStateView, reasons: readonly ReasonView[], around: Around = {}): string {
  if (isUnreachable(state)) return m.state_unreachable();
  if (state.effective === "paused") return pauseWord(state.reason, reasons);
  return lookWord(lookOf(state, reasons, around));
}

/** What comes after the call or the wrap-up; null when nothing else than Ready. */
export function pendingWord(agent: WithState, reasons: readonly ReasonView[]): string | null {
  const { chosen, reason } = agent.state;
  const wish = pendingOf(agent);
  if (wish !== null) return choiceWord(wish, reasons);
  // What was chosen at once, during the work, comes after it too.
  if (!isAtWork(agent) || chosen === "ready") return null;
  return choiceWord({ state: chosen, reason: reason ?? null }, reasons);
}
