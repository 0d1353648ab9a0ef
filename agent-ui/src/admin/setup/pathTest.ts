import type { CheckStep } from "../../api/types";

/** What stands in one place of the path test. */
export interface PathStep {
  /** Stable name of the place; `connect to pbx:5038` and `connect` are one place. */
  place: string;
  outcome: Exclude<CheckStep["outcome"], "skipped"> | "not_run" | "running";
  detail: string;
  fix: string;
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
  | { kind: "started"; at: string }
  | { kind: "step"; step: CheckStep }
  | { kind: "done"; took_ms: number }
  | { kind: "broken"; problem: string };

/** The way to an Asterisk, in the order it is walked. */
export const PLACES = ["connect", "log_in_events", "log_in_actions", "version", "rights_events", "read_state", "rights_actions", "include_file", "events"] as const;

export const IDLE: PathTest = { state: "idle", steps: PLACES.map(emptyStep), started_at: null, took_ms: null, problem: null };

function emptyStep(place: string): PathStep {
  return { place, outcome: "not_run", detail: "", fix: "", took_ms: null };
}

/** The next picture of a test. Steps keep their places: a result fills its place, it never moves another one. */
export function advance(test: PathTest, event: PathEvent): PathTest {
  switch (event.kind) {
    case "started":
      return { ...IDLE, state: "running", started_at: event.at, steps: markNext(IDLE.steps) };
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
  const place = placeOf(result.name, steps);
  const row: PathStep = { place, outcome: result.outcome === "skipped" ? "not_run" : result.outcome, detail: result.detail, fix: result.fix ?? "", took_ms: result.took_ms };
  const at = steps.findIndex((step) => step.place === place);
  if (at < 0) return [...steps, row];
  return steps.with(at, merged(steps[at], row));
}

const WEIGHT: Record<PathStep["outcome"], number> = { not_run: 0, running: 0, passed: 1, warning: 2, failed: 3 };

/** Several findings of one place stand together; the worst decides. */
function merged(before: PathStep | undefined, row: PathStep): PathStep {
  if (!before || before.outcome === "running" || before.outcome === "not_run") return row;
  const worse = WEIGHT[row.outcome] >= WEIGHT[before.outcome] ? row : before;
  const texts = (one: string, two: string) => [one, two].filter(Boolean).join("; ");
  return { ...worse, detail: texts(before.detail, row.detail), fix: texts(before.fix, row.fix), took_ms: (before.took_ms ?? 0) + (row.took_ms ?? 0) };
}

/** The place of a step by its stable name. Logins come as events, then actions; rights of the second user come after the lists. */
function placeOf(name: string, steps: readonly PathStep[]): string {
  const word = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
  const outcome = (place: string) => steps.find((step) => step.place === place)?.outcome;
  const isFresh = (place: string) => outcome(place) === "not_run" || outcome(place) === "running";
  if (/^(tcp|connect)/.test(word)) return "connect";
  if (/^(log_in|login)/.test(word)) return isFresh("log_in_events") ? "log_in_events" : "log_in_actions";
  if (/^(manager_)?rights/.test(word)) return outcome("log_in_events") !== "failed" && isFresh("read_state") ? "rights_events" : "rights_actions";
  if (/^(read|queues)/.test(word)) return "read_state";
  if (/^(event|time_stamps)/.test(word)) return "events";
  if (word.startsWith("version")) return "version";
  if (word.startsWith("include")) return "include_file";
  return word;
}

/** How many places ended how. */
export function tally(test: PathTest): Record<"passed" | "failed" | "warning" | "not_run", number> {
  const count = { passed: 0, failed: 0, warning: 0, not_run: 0 };
  for (const step of test.steps) count[step.outcome === "running" ? "not_run" : step.outcome] += 1;
  return count;
}
