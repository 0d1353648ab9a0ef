import type { Interaction } from "../api/types";
import { failureWords } from "../domain/can";
import { m } from "../i18n/generated/messages.js";

/** Where work stands. */
export function stateWords(state: string): string {
  if (state === "offered") return m.work_state_offered();
  return state === "working" ? m.work_state_working() : m.work_state_waiting();
}

/** What came of the tries so far; none before the first. */
export function outcomeWords({ tries, last_code }: Interaction): string | null {
  if (tries === 0 && !last_code) return null;
  const why = last_code ? failureWords(last_code, "") : "";
  return [m.work_tries({ count: tries }), why].filter(Boolean).join(" · ");
}
