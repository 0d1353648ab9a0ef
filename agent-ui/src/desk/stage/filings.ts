// Calls handed over to a records system: what became of each. Pure.
import type { components } from "../../api/generated/rest";
import { m } from "../../i18n/generated/messages.js";

export type Filing = components["schemas"]["FilingView"];
export type RecordsSystem = components["schemas"]["RecordsSystemView"];

/** It changes by itself. */
export const isUnderWay = ({ state }: Pick<Filing, "state">): boolean => state === "waiting" || state === "sending";

/** A person can have it tried again, or give it up. */
export const canAct = ({ state }: Pick<Filing, "state">): boolean => state === "waiting" || state === "refused";

export type FilingTone = "good" | "info" | "warn" | "bad" | "off";

export function filingTone({ state, problem }: Pick<Filing, "state" | "problem">): FilingTone {
  if (state === "filed") return "good";
  if (state === "refused") return "bad";
  if (state === "canceled") return "off";
  return problem ? "warn" : "info";
}

export function filingWord(state: string): string {
  const words: Record<string, () => string> = {
    waiting: m.desk_records_waiting,
    sending: m.desk_records_sending,
    filed: m.desk_records_filed,
    refused: m.desk_records_refused,
    canceled: m.desk_records_canceled,
  };
  return words[state]?.() ?? state;
}
