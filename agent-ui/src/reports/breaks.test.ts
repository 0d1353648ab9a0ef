// covers: AGT-07
import { expect, it } from "vitest";
import type { ReasonView } from "../domain/reasons";
import { breakRows, sortBreaks, totalsOf } from "./breaks";

const reason = (code: string, label: string, more: Partial<ReasonView> = {}): ReasonView => ({ code, labels: { en: label }, active: true, by_system: false, paid: true, productive: false, position: 1, ...more });
const REASONS = [reason("lunch", "Lunch", { paid: false }), reason("training", "Training", { productive: true }), reason("no_answer", "Not answering", { by_system: true })];

const view = (agent: string, code: string | null, times: number, total: number, pay: { paid?: boolean; productive?: boolean } = {}) =>
  ({ agent, agent_name: `PBX ${agent}`, reason: code, times, total_ms: total, avg_ms: total / times, max_ms: total, ...pay });

const rows = breakRows([
  view("2", "lunch", 1, 1_800_000, { paid: false, productive: false }),
  view("1", "training", 2, 600_000, { paid: true, productive: true }),
  view("1", "lunch", 3, 900_000, { paid: false, productive: false }),
  view("1", "no_answer", 1, 60_000, { paid: true, productive: false }),
  view("1", null, 1, 1_000),
], REASONS, (agent, otherwise) => (agent === "1" ? "Anna" : otherwise));

it("names agents as people do, reasons in the language of the page, and says work, paid and private apart", () => {
  expect(rows.map(({ name, reason: word, kind }) => [name, word, kind])).toEqual([
    ["PBX 2", "Lunch", "private"],
    ["Anna", "Training", "work"],
    ["Anna", "Lunch", "private"],
    ["Anna", "Not answering", "rule"],
    ["Anna", "Pause", "other"],
  ]);
});

it("puts lines in order by any column, equal ones by name and reason", () => {
  const order = (column: Parameters<typeof sortBreaks>[1], isDown = false) => sortBreaks(rows, column, isDown).map(({ name, reason: word }) => `${name} ${word}`);
  expect(order("name")).toEqual(["Anna Lunch", "Anna Not answering", "Anna Pause", "Anna Training", "PBX 2 Lunch"]);
  expect(order("totalMs", true).slice(0, 2)).toEqual(["PBX 2 Lunch", "Anna Lunch"]);
  expect(order("times")).toEqual(["Anna Not answering", "Anna Pause", "PBX 2 Lunch", "Anna Training", "Anna Lunch"]);
  expect(order("kind").slice(-1)).toEqual(["Anna Training"]);
});

it("adds up number and length, also by what the breaks count as", () => {
  expect(totalsOf(rows)).toEqual({ times: 8, totalMs: 3_361_000, byKind: { work: 600_000, paid: 0, private: 2_700_000, rule: 60_000, other: 1_000 } });
  expect(totalsOf([])).toMatchObject({ times: 0, totalMs: 0 });
});
