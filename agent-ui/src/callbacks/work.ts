// Callbacks and other work beside calls: how a list of them is read. Pure; "now" is handed in.
import type { Interaction, MissedCall } from "../api/types";

export const CALLBACK = "callback";

export type Whose = "all" | "mine";

/** The time that counts for a person: what was wished for, else since when it waits. */
export function dueOf(one: Interaction): string {
  const wished = one.due ?? one.created_at;
  return one.not_before > wished ? one.not_before : wished;
}

/** For how long it should have been done already, in ms; none while there is time. */
export function overdueMs(one: Interaction, now: number): number | null {
  if (one.state !== "waiting") return null;
  const late = now - Date.parse(dueOf(one));
  return late > 0 ? late : null;
}

/** Mine first, then by time; equals keep the order of the server. */
export function inOrder(all: readonly Interaction[], me: string | null | undefined): Interaction[] {
  const rank = (one: Interaction) => (isMine(one, me) ? 0 : 1);
  return all.toSorted((a, b) => rank(a) - rank(b) || dueOf(a).localeCompare(dueOf(b)));
}

/** Whether I am asked for it or work on it. */
export const isMine = (one: Interaction, me: string | null | undefined): boolean => Boolean(me) && one.agent === me;

/** Chats, mails and the like that wait in each queue; callbacks wait for their time, in a list of their own. */
export function writtenWaiting(all: readonly Interaction[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) if (one.state === "waiting" && one.medium !== CALLBACK) counts.set(one.queue, (counts.get(one.queue) ?? 0) + 1);
  return counts;
}

/** What is shown of all: mine alone, or those of one queue. */
export function shownOf(all: readonly Interaction[], wish: { whose: Whose; queue: string | null; me: string | null | undefined }): Interaction[] {
  const wanted = all.filter((one) => (wish.whose === "all" || isMine(one, wish.me)) && (wish.queue === null || one.queue === wish.queue));
  return inOrder(wanted, wish.me);
}

/** A number that can be called back. */
export function numberOf(call: MissedCall): string | null {
  const { calling } = call;
  if (calling.withheld || !calling.number) return null;
  return calling.number.e164 ?? calling.number.raw;
}

/** What a field for date and time holds for a moment, in the clock of this computer. */
export function localTime(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The moment that such a field says; null when it says none. */
export function momentOf(text: string): string | null {
  const at = new Date(text);
  return text === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
