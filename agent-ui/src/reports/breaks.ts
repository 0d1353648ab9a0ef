// What stands in the report of breaks, in which order, and what its lines come to. Pure.
import type { components } from "../api/generated/rest";
import { type ReasonView, reasonOf } from "../domain/reasons";
import { pauseWord } from "../domain/states";
import { m } from "../i18n/generated/messages.js";

type BreakView = components["schemas"]["BreakReportView"];

/** What a break counts as. A rule gives `rule` to who does not take calls; of `other` the list of reasons says nothing. */
export const BREAK_KINDS = ["work", "paid", "private", "rule", "other"] as const;
export type BreakKind = (typeof BREAK_KINDS)[number];

/** Breaks of one agent for one reason. */
export interface BreakRow {
  id: string;
  agent: string;
  name: string;
  /** Code of the reason, for its mark. */
  code: string | null;
  reason: string;
  kind: BreakKind;
  times: number;
  totalMs: number;
  avgMs: number;
  maxMs: number;
}

/** Columns that the lines can be put in order by. */
export const BREAK_COLUMNS = ["name", "reason", "kind", "times", "totalMs", "avgMs", "maxMs"] as const;
export type BreakColumn = (typeof BREAK_COLUMNS)[number];

export function breakRows(views: readonly BreakView[], reasons: readonly ReasonView[], nameOf: (agent: string, otherwise: string) => string): BreakRow[] {
  return views.map((view) => ({
    id: `${view.agent} ${view.reason ?? ""}`,
    agent: view.agent,
    name: nameOf(view.agent, view.agent_name),
    code: view.reason ?? null,
    reason: pauseWord(view.reason, reasons),
    kind: kindOf(view, reasons),
    times: view.times,
    totalMs: view.total_ms,
    avgMs: view.avg_ms,
    maxMs: view.max_ms,
  }));
}

function kindOf({ reason, paid, productive }: BreakView, reasons: readonly ReasonView[]): BreakKind {
  if (reasonOf(reason, reasons)?.by_system) return "rule";
  if (productive) return "work";
  if (typeof paid !== "boolean") return "other";
  return paid ? "paid" : "private";
}

export function kindWord(kind: BreakKind): string {
  const words: Record<BreakKind, () => string> = { work: m.report_kind_work, paid: m.report_kind_paid, private: m.report_kind_private, rule: m.report_kind_rule, other: () => "–" };
  return words[kind]();
}

/** In the order of a column; what is equal there stays by name and reason. */
export function sortBreaks(rows: readonly BreakRow[], column: BreakColumn, isDown: boolean): BreakRow[] {
  const compare = (one: BreakRow, two: BreakRow): number => {
    const [a, b] = [one[column], two[column]];
    return typeof a === "number" && typeof b === "number" ? a - b : wordOf(one, column).localeCompare(wordOf(two, column));
  };
  const byName = (one: BreakRow, two: BreakRow): number => one.name.localeCompare(two.name) || one.reason.localeCompare(two.reason) || one.id.localeCompare(two.id);
  return rows.toSorted((one, two) => compare(one, two) * (isDown ? -1 : 1) || byName(one, two));
}

const wordOf = (row: BreakRow, column: BreakColumn): string => (column === "kind" ? kindWord(row.kind) : String(row[column]));

export interface BreakTotals {
  times: number;
  totalMs: number;
  byKind: Record<BreakKind, number>;
}

/** Number and length of all breaks in these lines. */
export function totalsOf(rows: readonly BreakRow[]): BreakTotals {
  const lengthOf = (some: readonly BreakRow[]): number => some.reduce((sum, row) => sum + row.totalMs, 0);
  return {
    times: rows.reduce((sum, row) => sum + row.times, 0),
    totalMs: lengthOf(rows),
    byKind: Object.fromEntries(BREAK_KINDS.map((kind) => [kind, lengthOf(rows.filter((row) => row.kind === kind))])) as Record<BreakKind, number>,
  };
}
