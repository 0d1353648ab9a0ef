import { describe, expect, it } from "vitest";
import { advance, IDLE, type PathTest, tally } from "./pathTest";
import { pathTexts } from "./pathWords";

function step(code: string, outcome: "passed" | "failed" | "warning" = "passed", detail = "") {
  return { kind: "step" as const, step: { code, name: code, outcome, detail, fix: outcome === "passed" ? null : "mend it", took_ms: 4 } };
}

function outcomes(test: PathTest) {
  return Object.fromEntries(test.steps.map((one) => [one.place, one.outcome]));
}

const START = advance(IDLE, { kind: "started", at: "2026-01-01T00:00:00Z" });

describe("the path test", () => {
  it("shows which step runs and keeps every place", () => {
    expect(outcomes(START)).toMatchObject({ connect: "running", log_in_events: "not_run" });
    const next = advance(START, step("connect.answers"));
    expect(outcomes(next)).toMatchObject({ connect: "passed", log_in_events: "running" });
    expect(next.steps.map((one) => one.place)).toEqual(IDLE.steps.map((one) => one.place));
  });

  it("tells the two users apart", () => {
    const codes = ["connect.answers", "log_in_events.accepted", "log_in_actions.accepted", "version.known", "rights_events.given", "read_state.read", "rights_actions.given", "include_file.loaded", "events.came"];
    const whole = codes.reduce((test, code) => advance(test, step(code)), START);
    expect(tally(whole)).toEqual({ passed: 9, failed: 0, warning: 0, not_run: 0 });
  });

  it("puts rights of the second user in their place when the first one cannot log in", () => {
    const events = [step("connect.answers"), step("log_in_events.rejected", "failed"), step("log_in_actions.accepted"), step("rights_actions.missing", "failed")];
    const test = advance(events.reduce(advance, START), { kind: "done", took_ms: 12 });
    expect(outcomes(test)).toMatchObject({ log_in_events: "failed", version: "not_run", rights_events: "not_run", rights_actions: "failed", events: "not_run" });
  });

  it("has the places of a CSTA switch, and forgets what another way to speak met", () => {
    const start = advance(IDLE, { kind: "started", at: "2026-01-01T00:00:00Z", csta: true });
    expect(outcomes(start)).toEqual({ csta_connect: "running", csta_session: "not_run", csta_monitors: "not_run" });
    const events = [step("dialect.tried"), step("csta_connect.answers"), step("csta_session.silent", "failed"), step("dialect.tried"), step("csta_connect.answers")];
    const second = events.reduce(advance, start);
    expect(outcomes(second)).toEqual({ dialect: "passed", csta_connect: "passed", csta_session: "running", csta_monitors: "not_run" });
    expect(second.steps[0]?.findings).toHaveLength(2);
    const whole = [step("csta_session.ready"), step("csta_monitors.placed")].reduce(advance, second);
    expect(tally(whole)).toMatchObject({ passed: 4, failed: 0 });
  });

  it("keeps several findings of one step together, the worst decides", () => {
    const events = [step("connect.answers"), step("log_in_events.accepted"), step("log_in_actions.accepted"), step("rights_events.missing", "failed", "no originate"), step("rights_events.dangerous", "warning", "command")];
    const rights = events.reduce(advance, START).steps.find((one) => one.place === "rights_events");
    expect(rights?.outcome).toBe("failed");
    expect(rights?.findings.map((one) => one.detail)).toEqual(["no originate", "command"]);
  });

  it("appends a step that a newer server invented", () => {
    expect(advance(START, step("moon_phase.full")).steps.at(-1)).toMatchObject({ place: "moon_phase", outcome: "passed" });
  });
});

const found = (code: string, values: Record<string, string> = {}) => ({ code, outcome: "failed" as const, detail: "as the server says", fix: "the server's fix", values });

describe("the words of the path test", () => {
  it("are ours, the same for both users, with the figures of the server", () => {
    expect(pathTexts(found("log_in_events.rejected"))).toEqual(pathTexts(found("log_in_actions.rejected")));
    expect(pathTexts(found("log_in_events.rejected")).detail).toBe("User or password is refused");
    expect(pathTexts(found("read_state.read", { phones: "3", queues: "2", calls: "0" })).detail).toBe("phones: 3, queues: 2, channels: 0");
  });
  it("keep what exactly the switch said where it helps", () => {
    expect(pathTexts(found("connect.refused")).detail).toBe("The address or port cannot be reached: as the server says");
  });
  it("are the server's for a code that is not known here", () => {
    expect(pathTexts(found("moon_phase.full"))).toEqual({ detail: "as the server says", fix: "the server's fix" });
  });
});
