// covers: SUP-07 SUP-17
import { describe, expect, it } from "vitest";
import { alertsOf, DEFAULT_LIMITS, follow, type Limits, type Raised } from "./alerts";
import { toneOf } from "./limits";
import type { ReasonView } from "./reasons";
import type { AgentView, QueueFigures } from "./supervisor";

const BEGAN = Date.parse("2026-11-12T10:00:00Z");
const after = (seconds: number): number => BEGAN + seconds * 1_000;
const since = new Date(BEGAN).toISOString();
// What the alerts do not look at is left out.
const agent = (effective: string, state: object = {}): AgentView => ({ id: "agt_1", queues: [], state: { chosen: "ready", effective, since, ...state } }) as unknown as AgentView;
const paused = (reason: string): AgentView => agent("paused", { chosen: "paused", reason });
const reason = (code: string, more: Partial<ReasonView>): ReasonView => ({ code, labels: {}, active: true, by_system: false, paid: true, productive: false, position: 1, ...more });
const reasons = [reason("lunch", { max_minutes: 30 }), reason("break", {}), reason("meeting", { productive: true })];
const figures = (more: Partial<QueueFigures> = {}): QueueFigures => ({ id: "que_1", name: "Claims", project: null, waiting: 0, oldest: null, members: 3, hidden: 0, free: 2, busy: 1, left: 3, ...more });
const of = (agents: AgentView[], queues: QueueFigures[], now: number, limits: Limits = DEFAULT_LIMITS) => alertsOf({ agents, queues, reasons }, limits, now).map(({ kind, level, since: from, left }) => [kind, level, from, left]);

describe("an alert", () => {
  it("is raised by a call over its length, from the double on strongly", () => {
    const talking = agent("talking", { call: "call_1" });
    expect(of([talking], [], after(600))).toEqual([]);
    expect(of([talking], [], after(601))).toEqual([["call_over", "warn", after(600), null]]);
    expect(of([talking], [], after(1_201))).toEqual([["call_over", "bad", after(600), null]]);
    expect(of([talking], [], after(9_999), { ...DEFAULT_LIMITS, callMin: 0 })).toEqual([]);
  });

  it("is raised by a pause over the limit of its reason, else over the common one, and never by work", () => {
    expect(of([paused("lunch")], [], after(31 * 60))).toEqual([["pause_over", "warn", after(30 * 60), null]]);
    expect(of([paused("break")], [], after(31 * 60))).toEqual([]);
    expect(of([paused("break")], [], after(46 * 60))).toEqual([["pause_over", "warn", after(45 * 60), null]]);
    expect(of([paused("meeting")], [], after(9 * 3_600))).toEqual([]);
  });

  it("is raised by a wait over the limit of a queue", () => {
    const waits = figures({ waiting: 2, oldest: since });
    expect(of([], [waits], after(120))).toEqual([]);
    expect(of([], [waits], after(121))).toEqual([["wait_over", "bad", after(120), null]]);
  });

  it("is raised when one or no agent is left, though not where members are hidden", () => {
    expect(of([], [figures({ left: 2 })], BEGAN)).toEqual([]);
    expect(of([], [figures({ left: 1 })], BEGAN)).toEqual([["agents_left", "warn", null, 1]]);
    expect(of([], [figures({ left: 0, waiting: 1 })], BEGAN)).toEqual([["agents_left", "bad", null, 0]]);
    expect(of([], [figures({ left: 0, hidden: 1 })], BEGAN)).toEqual([]);
    expect(of([], [figures({ left: 0 })], BEGAN, { ...DEFAULT_LIMITS, agentsLeft: null })).toEqual([]);
  });

  it("is raised by who does not answer and by a phone out of reach", () => {
    expect(of([paused("no_answer")], [], after(5))).toEqual([["not_answering", "bad", BEGAN, null]]);
    expect(of([agent("unreachable")], [], after(5))).toEqual([["unreachable", "warn", BEGAN, null]]);
  });
});

describe("the list of alerts", () => {
  const at = (agents: AgentView[], queues: QueueFigures[], now: number) => alertsOf({ agents, queues, reasons }, DEFAULT_LIMITS, now);
  const talking = agent("talking", { call: "call_1" });

  it("tells a matter once, keeps it while it lasts, and lets it go", () => {
    const first = follow([], at([talking], [], after(601)), after(601));
    expect(first.raised).toHaveLength(1);
    const second = follow(first.open, at([talking], [], after(602)), after(602));
    expect([second.raised.length, second.cleared.length, second.open === first.open]).toEqual([0, 0, true]);
    const third = follow(second.open, at([agent("ready")], [], after(603)), after(603));
    expect([third.open.length, third.cleared.length]).toEqual([0, 1]);
    expect(follow(third.open, at([agent("talking", { call: "call_2" })], [], after(604)), after(604)).raised).toHaveLength(1);
  });

  it("grows at its end, so that no row moves, and a matter that grows worse stays where it is", () => {
    const first = follow([], at([talking], [], after(601)), after(601));
    const second = follow(first.open, at([talking], [figures({ left: 1 })], after(602)), after(602));
    expect(second.open.map((one: Raised) => [one.kind, one.since])).toEqual([["call_over", after(600)], ["agents_left", after(602)]]);
    const third = follow(second.open, at([talking], [figures({ left: 1 })], after(1_201)), after(1_201));
    expect(third.open.map((one: Raised) => [one.kind, one.level])).toEqual([["call_over", "bad"], ["agents_left", "warn"]]);
    expect(third.raised).toEqual([]);
  });

  it("tells anew when the last of two agents goes too", () => {
    const one = follow([], at([], [figures({ left: 1 })], BEGAN), BEGAN);
    const none = follow(one.open, at([], [figures({ left: 0 })], after(1)), after(1));
    expect([none.raised.map(({ left }) => left), none.cleared.map(({ left }) => left)]).toEqual([[0], [1]]);
  });
});

describe("a time over its limit", () => {
  it("is marked, and strongly from the double on", () => {
    expect([toneOf(9, 10), toneOf(10, 10), toneOf(11, 10), toneOf(21, 10), toneOf(99, null)]).toEqual([null, null, "warn", "bad", null]);
  });
});
