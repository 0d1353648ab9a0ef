// How long something may last, and how far beyond it is.
import type { components } from "../api/generated/rest";
import { type ReasonView, reasonOf } from "./reasons";

type AgentStateView = components["schemas"]["AgentStateView"];

/** How far over its limit something is: the value is told anyway. */
export function toneOf(ms: number, limitMs: number | null): "warn" | "bad" | null {
  if (limitMs === null || ms <= limitMs) return null;
  return ms > 2 * limitMs ? "bad" : "warn";
}

/** How long a pause may last by its reason. */
export function pauseLimitMs(state: AgentStateView, reasons: readonly ReasonView[]): number | null {
  const minutes = state.effective === "paused" ? reasonOf(state.reason, reasons)?.max_minutes : null;
  return minutes ? minutes * 60_000 : null;
}
