// Notices of missed calls for who asked for them: each call is told once, whatever tab or reload lies between.
import { useSyncExternalStore } from "react";
import type { MissedCall } from "../api/types";
import { kept } from "../app/kept";

const PREFIX = "tieline.missed.";
/** Calls remembered as told; a list of missed calls has no more. */
const TOLD_MAX = 200;

export interface Notices {
  /** Told from this moment on. */
  since: string;
  told: readonly string[];
}

/** Calls to tell of now: open, ended since it was switched on, not told yet. */
export function toTell(rows: readonly MissedCall[], { since, told }: Notices): MissedCall[] {
  return rows.filter((row) => row.state === "open" && row.ended_at >= since && !told.includes(row.call));
}

/** Whether one of these, with spaces between them, is no more. */
export function hasGone(before: string, now: string): boolean {
  const here = new Set(now.split(" "));
  return before !== "" && before.split(" ").some((one) => !here.has(one));
}

export function withTold(notices: Notices, calls: readonly string[]): Notices {
  return { ...notices, told: [...calls, ...notices.told].slice(0, TOLD_MAX) };
}

/** What this browser keeps for a person; null while it does not want notices. */
export function keptFor(user: string): Notices | null {
  try {
    const read: unknown = JSON.parse(kept.get(PREFIX + user) ?? "null");
    if (typeof read !== "object" || read === null || !("since" in read) || !("told" in read)) return null;
    return typeof read.since === "string" && Array.isArray(read.told) ? { since: read.since, told: read.told.filter((one) => typeof one === "string") } : null;
  } catch {
    return null;
  }
}

export const keepFor = (user: string, notices: Notices | null): void => kept.set(PREFIX + user, notices === null ? null : JSON.stringify(notices));

/** Whether the person wants notices at this computer. */
export const useWantsNotices = (user: string): boolean => useSyncExternalStore(kept.subscribe, () => kept.get(PREFIX + user) !== null);
