// What a call is in for the person who looks at it. Pure.
import type { CallDetail, ContactMatch, PopView } from "../../api/types";
import { isEngaged, type Mine, ringsHere } from "../legs";

export type Phase = "ringing" | "live" | "wrap_up" | "ended" | "loading";

export function phaseOf(call: CallDetail | undefined, pop: PopView | undefined, mine: Mine, wrapUpCall: string | null): Phase {
  if (call !== undefined && isEngaged(call, mine)) return "live";
  // Whoever handed the call over writes it up while it goes on with others.
  if (call !== undefined && wrapUpCall === call.id && !ringsHere(call, mine)) return "wrap_up";
  // The card of a call that I had is taken back at its end, which is no ring.
  const isOver = pop?.state === "retracted" && pop.reason === "ended";
  if (pop !== undefined && !isOver && (call === undefined || call.state === "live" || pop.state === "retracted")) return "ringing";
  if (call === undefined) return "loading";
  if (call.state !== "live") return "ended";
  return ringsHere(call, mine) ? "ringing" : "live";
}

/** The label of the number that matched, such as “mobile”. */
export function matchedLabel(match: ContactMatch): string | null {
  const bare = (text: string | null | undefined): string => (text ?? "").replace(/[^\d+]/g, "");
  const number = match.contact.numbers.find((one) => bare(one.number) === bare(match.matched_number) || (one.e164 !== null && one.e164 !== undefined && one.e164 === bare(match.matched_number)));
  return number?.label ?? null;
}

/** Milliseconds that the caller waited in queues. */
export function waitedMs(call: CallDetail): number | null {
  return call.entries.length === 0 ? null : call.durations.queue_ms;
}
