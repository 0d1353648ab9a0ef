// What stands in a line of the call-history book, and which lines are asked for. Pure.
import type { components } from "../api/generated/rest";
import type { PersonName } from "../app/people";
import { type Days, span } from "../domain/days";
import { clockWithSeconds, dateOnly, phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";

export type JournalView = components["schemas"]["JournalView"];

/** What a person wants to see of the book. */
export interface JournalFilter extends Days {
  number?: string | undefined;
  user?: string | undefined;
}

export type JournalKind = "received" | "missed" | "dialled" | "internal";

/** The type of a call as people say it: what rang and was not taken is missed. */
export function kindOf(row: JournalView): JournalKind {
  if (row.type === "dialled" || row.type === "internal") return row.type;
  return row.ended_at && row.length_ms === 0 ? "missed" : "received";
}

export function kindWord(kind: JournalKind): string {
  const words = { received: m.journal_received, missed: m.journal_missed, dialled: m.journal_dialled, internal: m.journal_internal_type };
  return words[kind]();
}

/** Who called, as the switch saw it; whom the number belongs to is another column. */
export function callerText({ caller }: JournalView): string {
  if (caller.withheld) return m.party_withheld();
  return phone(caller.number) || caller.name || m.party_unknown();
}

/** Date and time of day, also of today: a line of a book is read by its date. */
export const moment = (at: string | null | undefined): string => (at ? `${dateOnly(at)} ${clockWithSeconds(at)}` : "–");

/** Parameters of the API. */
export function askedFor({ number, user, ...days }: JournalFilter): { from?: string; to?: string; number?: string; user?: string } {
  const typed = number?.trim();
  return { ...span(days), ...(typed && { number: typed }), ...(user && { user }) };
}

/** People to choose from, each once, by name; the first name that is known of one stays. */
export function peopleOf(...sources: readonly (readonly PersonName[])[]): PersonName[] {
  const names = new Map<string, string>();
  for (const { id, name } of sources.flat()) if (!names.has(id)) names.set(id, name);
  return [...names].map(([id, name]) => ({ id, name })).toSorted((one, two) => one.name.localeCompare(two.name));
}
