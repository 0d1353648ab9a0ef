import type { CheckStep } from "../../api/types";

/** One thing that was found; its words are chosen when it is shown. */
export type PathFinding = Pick<CheckStep, "code" | "outcome" | "detail" | "fix" | "values">;

/** What stands in one place of the path test. */
export interface PathStep {
  /** The first part of the code of what was found there. */
  place: string;
  outcome: Exclude<CheckStep["outcome"], "skipped"> | "not_run" | "running";
  findings: readonly PathFinding[];
  took_ms: number | null;
}

export interface PathTest {
  state: "idle" | "running" | "done" | "broken";
  steps: readonly PathStep[];
  /** ISO time of the start. */
  started_at: string | null;
  took_ms: number | null;
  /** Why the test itself could not run. */
  problem: string | null;
}

export type PathEvent =
  | { kind: "started"; at: string; csta?: boolean }
  | { kind: "step"; step: CheckStep }
  | { kind: "done"; took_ms: number }
  | { kind: "broken"; problem: string };

/** The way to an Asterisk, in the order it is walked. */
export const PLACES = ["connect", "log_in_events", "log_in_actions", "version", "rights_events", "read_state", "rights_actions", "include_file", "events"] as const;

/** The way to a CSTA switch. */
export const CSTA_PLACES = ["csta_connect", "csta_session", "csta_monitors"] as const;

const before = (places: readonly string[]): PathTest => ({ state: "idle", steps: places.map(emptyStep), started_at: null, took_ms: null, problem: null });

/** A test that was not run: of an Asterisk, and of a CSTA switch. */
export const IDLE = before(PLACES);
export const CSTA_IDLE = before(CSTA_PLACES);

function emptyStep(place: string): PathStep {
  return { place, outcome: "not_run", findings: [], took_ms: null };
}

/** The next picture of a test. Steps keep their places: a result fills its place, it never moves another one. */
export function advance(test: PathTest, event: PathEvent): PathTest {
  switch (event.kind) {
    case "started": {
      const idle = event.csta ? CSTA_IDLE : IDLE;
      return { ...idle, state: "running", started_at: event.at, steps: markNext(idle.steps) };
    }
    case "step":
      return { ...test, steps: markNext(withResult(test.steps, event.step)) };
    case "done":
      return { ...test, state: "done", took_ms: event.took_ms, steps: test.steps.map(notRunning) };
    case "broken":
      return { ...test, state: "broken", problem: event.problem, steps: test.steps.map(notRunning) };
  }
}

function notRunning(step: PathStep): PathStep {
  return step.outcome === "running" ? { ...step, outcome: "not_run" } : step;
}

/** The first place without a result behind the last result is the one that runs. */
function markNext(steps: readonly PathStep[]): readonly PathStep[] {
  const last = steps.findLastIndex((step) => step.outcome !== "not_run" && step.outcome !== "running");
  const rows = steps.map(notRunning);
  const next = rows[last + 1];
  if (next) rows[last + 1] = { ...next, outcome: "running" };
  return rows;
}

function withResult(steps: readonly PathStep[], result: CheckStep): readonly PathStep[] {
  const [place = result.code] = result.code.split(".");
  const row: PathStep = { place, outcome: result.outcome === "skipped" ? "not_run" : result.outcome, findings: [result], took_ms: result.took_ms };
  // Another way to speak is tried: what the one before met is no fault of this one.
  const rows = place === "dialect" ? steps.map((step) => (step.place.startsWith("csta_") ? emptyStep(step.place) : step)) : steps;
  const at = rows.findIndex((step) => step.place === place);
  if (at < 0) return place === "dialect" ? [row, ...rows] : [...rows, row];
  return rows.with(at, merged(rows[at], row));
}

const WEIGHT: Record<PathStep["outcome"], number> = { not_run: 0, running: 0, passed: 1, warning: 2, failed: 3 };

/** Several findings of one place stand together; the worst decides. */
function merged(before: PathStep | undefined, row: PathStep): PathStep {
  if (!before || before.outcome === "running" || before.outcome === "not_run") return row;
  const outcome = WEIGHT[row.outcome] >= WEIGHT[before.outcome] ? row.outcome : before.outcome;
  return { ...row, outcome, findings: [...before.findings, ...row.findings], took_ms: (before.took_ms ?? 0) + (row.took_ms ?? 0) };
}

/** How many places ended how. */
export function tally(test: PathTest): Record<"passed" | "failed" | "warning" | "not_run", number> {
  const count = { passed: 0, failed: 0, warning: 0, not_run: 0 };
  for (const step of test.steps) count[step.outcome === "running" ? "not_run" : step.outcome] += 1;
  return count;
}
