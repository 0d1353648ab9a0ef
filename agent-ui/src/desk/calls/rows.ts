// Rows of “My calls” and figures of the own day. Pure.
import type { components } from "../../api/generated/rest";
import type { CallContact, CallDetail } from "../../api/types";
import { isMineOut, otherParty } from "../legs";

export type CallSummary = components["schemas"]["CallView"] & { contact?: CallContact | null };
export type CallFilter = "all" | "received" | "dialled" | "missed";

export interface CallRow {
  id: string;
  kind: "received" | "dialled" | "missed";
  isInternal: boolean;
  isLive: boolean;
  /** It rings here now. */
  isRinging: boolean;
  party: CallSummary["calling"];
  contact: CallContact | null;
  queue: string | null;
  startedAt: string;
  /** Talk, or the ring of a missed call; null while it is live or was never answered. */
  lengthMs: number | null;
  outcome: string | null;
}

export function rowOf(call: CallSummary, extension: string | null, isRinging = false): CallRow {
  const isLive = call.state === "live";
  const isOut = isMineOut(call, extension);
  const isMissed = !isLive && !isOut && call.outcome !== "answered" && call.outcome !== "merged";
  return {
    id: call.id,
    kind: isOut ? "dialled" : isMissed ? "missed" : "received",
    isInternal: call.direction === "internal",
    isLive,
    isRinging,
    party: otherParty(call, extension),
    contact: call.contact ?? null,
    queue: call.queue ?? null,
    startedAt: call.started_at,
    lengthMs: isLive ? null : isMissed ? (call.ring_ms ?? null) : (call.talk_ms ?? null),
    outcome: call.outcome ?? null,
  };
}

/** Live first, then the newest; each call once, as newest known. */
export function callRows(ended: readonly CallSummary[], live: readonly CallDetail[], ringing: ReadonlySet<string>, extension: string | null): CallRow[] {
  const byId = new Map<string, CallSummary>();
  for (const call of [...ended, ...live]) {
    const known = byId.get(call.id);
    if (known === undefined || call.version >= known.version) byId.set(call.id, call);
  }
  return [...byId.values()]
    .filter((call) => call.merged_into === null || call.merged_into === undefined)
    .map((call) => rowOf(call, extension, ringing.has(call.id)))
    .toSorted((a, b) => Number(b.isLive) - Number(a.isLive) || b.startedAt.localeCompare(a.startedAt) || a.id.localeCompare(b.id));
}

export const matches = (row: CallRow, filter: CallFilter): boolean => filter === "all" || row.kind === filter;

/** Rows in the places they have while the pointer or the scroll rests on the list; what came since is counted, not shown. */
export function heldRows<T extends { id: string }>(rows: readonly T[], places: readonly string[] | null): { shown: T[]; fresh: number } {
  if (places === null) return { shown: [...rows], fresh: 0 };
  const byId = new Map(rows.map((row) => [row.id, row]));
  const shown = places.map((id) => byId.get(id)).filter((row) => row !== undefined);
  return { shown, fresh: rows.length - shown.length };
}

export interface DayFigures {
  handled: number;
  dialled: number;
  missed: number;
  /** Average talk of the handled; null without any. */
  talkAvgMs: number | null;
}

export function dayFigures(rows: readonly CallRow[]): DayFigures {
  const done = rows.filter((row) => !row.isLive);
  const handled = done.filter((row) => row.outcome === "answered");
  const talk = handled.reduce((sum, row) => sum + (row.lengthMs ?? 0), 0);
  return {
    handled: handled.length,
    dialled: done.filter((row) => row.kind === "dialled").length,
    missed: done.filter((row) => row.kind === "missed").length,
    talkAvgMs: handled.length === 0 ? null : talk / handled.length,
  };
}

export interface Hour {
  hour: number;
  handled: number;
  missed: number;
}

/** The hours of the working day, widened by the hours that had calls. */
export function byHour(rows: readonly CallRow[], hourOf: (at: string) => number): Hour[] {
  const done = rows.filter((row) => !row.isLive && (row.kind === "missed" || row.outcome === "answered"));
  const hours = done.map((row) => hourOf(row.startedAt));
  const [from, to] = [Math.min(7, ...hours), Math.max(17, ...hours)];
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const here = done.filter((row) => hourOf(row.startedAt) === from + at);
    const missed = here.filter((row) => row.kind === "missed").length;
    return { hour: from + at, handled: here.length - missed, missed };
  });
}
