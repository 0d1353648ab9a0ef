// Notices of missed calls for who asked for them: each call is told once, whatever tab or reload lies between.
import { useSyncExternalStore } from "react";
import type { MissedCall } from "../api/types";

const PREFIX = "tieline.missed.";
/** Calls remembered as told; a list of missed calls has no more. */
const TOLD_MAX = 200;

export interface Notices {
  /** Told from this moment on. */
  since: string;
  told: readonly string[];
}

/** Calls to tell of now: open, ended since it was switched on, not told yet. */
export function toTell(rows: readonly MissedCall[], kept: Notices): MissedCall[] {
  return rows.filter((row) => row.state === "open" && row.ended_at >= kept.since && !kept.told.includes(row.call));
}

/** Whether one of these, with spaces between them, is no more. */
export function hasGone(before: string, now: string): boolean {
  const here = new Set(now.split(" "));
  return before !== "" && before.split(" ").some((one) => !here.has(one));
}

export function withTold(kept: Notices, calls: readonly string[]): Notices {
  return { ...kept, told: [...calls, ...kept.told].slice(0, TOLD_MAX) };
}

const listeners = new Set<() => void>();
const changed = (): void => {
  for (const listener of listeners) listener();
};

/** What this browser keeps for a person; null while it does not want notices. */
export function keptFor(user: string): Notices | null {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(PREFIX + user) ?? "null");
    if (typeof read !== "object" || read === null || !("since" in read) || !("told" in read)) return null;
    return typeof read.since === "string" && Array.isArray(read.told) ? { since: read.since, told: read.told.filter((one) => typeof one === "string") } : null;
  } catch {
    return null;
  }
}

export function keepFor(user: string, notices: Notices | null): void {
  if (notices === null) localStorage.removeItem(PREFIX + user);
  else localStorage.setItem(PREFIX + user, JSON.stringify(notices));
  changed();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** Whether the person wants notices at this computer. */
export const useWantsNotices = (user: string): boolean => useSyncExternalStore(subscribe, () => localStorage.getItem(PREFIX + user) !== null);
