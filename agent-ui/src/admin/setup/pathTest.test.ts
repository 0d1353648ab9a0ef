import { describe, expect, it } from "vitest";
import { advance, IDLE, type PathTest, tally } from "./pathTest";

function step(name: string, outcome: "passed" | "failed" | "warning" = "passed", detail = "") {
  return { kind: "step" as const, step: { name, outcome, detail, fix: outcome === "passed" ? null : "mend it", took_ms: 4 } };
}

function outcomes(test: PathTest) {
  return Object.fromEntries(test.steps.map((one) => [one.place, one.outcome]));
}

const START = advance(IDLE, { kind: "started", at: "2026-01-01T00:00:00Z" });

describe("the path test", () => {
  it("shows which step runs and keeps every place", () => {
    expect(outcomes(START)).toMatchObject({ connect: "running", log_in_events: "not_run" });
    const next = advance(START, step("connect to pbx.example:5038"));
    expect(outcomes(next)).toMatchObject({ connect: "passed", log_in_events: "running" });
    expect(next.steps.map((one) => one.place)).toEqual(IDLE.steps.map((one) => one.place));
  });

  it("tells the two users apart", () => {
    const names = ["connect to pbx:5038", "log in as ev", "log in as act", "version of the switch", "rights of ev", "read the state", "rights of act", "include file", "events"];
    const whole = names.reduce((test, name) => advance(test, step(name)), START);
    expect(tally(whole)).toEqual({ passed: 9, failed: 0, warning: 0, not_run: 0 });
  });

  it("puts rights of the second user in their place when the first one cannot log in", () => {
    const events = [step("connect to pbx:5038"), step("log in as ev", "failed"), step("log in as act"), step("rights of act", "failed")];
    const test = advance(events.reduce(advance, START), { kind: "done", took_ms: 12 });
    expect(outcomes(test)).toMatchObject({ log_in_events: "failed", version: "not_run", rights_events: "not_run", rights_actions: "failed", events: "not_run" });
  });

  it("keeps several findings of one step together, the worst decides", () => {
    const events = [step("connect to pbx:5038"), step("log in as ev"), step("log in as act"), step("rights of ev", "failed", "no originate"), step("rights of ev", "warning", "command")];
    const rights = events.reduce(advance, START).steps.find((one) => one.place === "rights_events");
    expect(rights).toMatchObject({ outcome: "failed", detail: "no originate; command", fix: "mend it; mend it" });
  });

  it("appends a step that a newer server invented", () => {
    expect(advance(START, step("moon phase")).steps.at(-1)).toMatchObject({ place: "moon_phase", outcome: "passed" });
  });
});
