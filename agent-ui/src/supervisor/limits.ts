// From when on a supervisor is alerted: each person's own, in this browser.
import { useSyncExternalStore } from "react";
import { kept } from "../app/kept";
import { DEFAULT_LIMITS, type Limits } from "../domain/alerts";

const KEPT_AS = "tieline.alert-limits.";
/** Read once, so that the same limits are the same object. */
let last: { key: string; text: string | null; limits: Limits } | null = null;

/** What was kept, with the defaults where it says nothing or nonsense. */
export function readLimits(text: string | null): Limits {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    if (typeof found !== "object" || found === null) return DEFAULT_LIMITS;
    const { callMin, pauseMin, waitS, agentsLeft } = found as Record<string, unknown>;
    return {
      callMin: isCount(callMin) ? callMin : DEFAULT_LIMITS.callMin,
      pauseMin: isCount(pauseMin) ? pauseMin : DEFAULT_LIMITS.pauseMin,
      waitS: isCount(waitS) ? waitS : DEFAULT_LIMITS.waitS,
      agentsLeft: agentsLeft === null || isCount(agentsLeft) ? agentsLeft : DEFAULT_LIMITS.agentsLeft,
    };
  } catch {
    return DEFAULT_LIMITS;
  }
}

const isCount = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0;

function limitsOf(person: string): Limits {
  const key = KEPT_AS + person;
  const text = kept.get(key);
  if (last === null || last.key !== key || last.text !== text) last = { key, text, limits: readLimits(text) };
  return last.limits;
}

export const useLimits = (person: string): Limits => useSyncExternalStore(kept.subscribe, () => limitsOf(person));

export const saveLimits = (person: string, limits: Limits): void => kept.set(KEPT_AS + person, JSON.stringify(limits));
