// Queues beyond their limits, as the server tells them: which last, which are over, and what they say twice. Pure.
import type { QueueAlert } from "../api/types";
import type { Raised } from "./alerts";

/** What is over is shown for so long. */
const SHOWN_MS = 3_600_000;
const OVER_MAX = 10;

/** The same as long as it is the same crossing. */
export const queueAlertId = ({ queue, matter, raised_at }: QueueAlert): string => `${queue}:${matter}:${raised_at}`;

export interface Alerts {
  /** The one that was told first stands first: a new one moves no other. */
  open: readonly QueueAlert[];
  /** The one that ended last stands first. */
  over: readonly QueueAlert[];
}

export function sortAlerts(all: readonly QueueAlert[], now: number): Alerts {
  const ended = (one: QueueAlert): number => (one.ended_at ? Date.parse(one.ended_at) : Number.NaN);
  return {
    open: all.filter((one) => !one.ended_at).toSorted((a, b) => a.raised_at.localeCompare(b.raised_at)),
    over: all.filter((one) => now - ended(one) <= SHOWN_MS).toSorted((a, b) => ended(b) - ended(a)).slice(0, OVER_MAX),
  };
}

/** Callers who wait with nobody there are the worst; whatever touches callers now comes before figures. */
export const isBad = ({ matter }: QueueAlert): boolean => matter === "longest_wait" || matter === "unattended";

/** What this browser reckons by its own limits, without what the limits of the queue say already. */
export function withoutTold(own: readonly Raised[], open: readonly QueueAlert[]): readonly Raised[] {
  const told = new Set(open.map(({ queue, matter }) => `${queue}:${matter}`));
  const isTold = ({ kind, queue }: Raised) => (kind === "wait_over" ? told.has(`${queue}:longest_wait`) : kind === "agents_left" && (told.has(`${queue}:ready`) || told.has(`${queue}:unattended`)));
  const rest = own.filter((one) => !isTold(one));
  return rest.length === own.length ? own : rest;
}

/** From when on the time of a matter counts that lasts: what was measured then, going on since. */
export function lastsFrom({ matter, value }: QueueAlert, readAt: number): number | null {
  return (matter === "longest_wait" || matter === "longest_talk") && typeof value === "number" ? readAt - value : null;
}
