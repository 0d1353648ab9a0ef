// covers: SUP-02 SUP-04 SUP-06 SUP-18 SUP-20
import { describe, expect, it } from "vitest";
import type { ReasonView } from "./reasons";
import { type AgentView, byLane, byTeam, type CallRow, countLanes, dayOf, isInSpot, laneOf, lanesOf, liveCalls, projectFigures, projectsOf, queueFigures, type QueueNow, tilesOf, waitingCallers } from "./supervisor";

const AT = "2026-11-12T10:00:00Z";
const member = (queue: string, more: object = {}) => ({ queue, paused: false, dynamic: true, ...more });
// What the tests do not look at is left out.
const agent = (id: string, effective: string, more: object = {}, state: object = {}): AgentView =>
  ({ id, device: `dev_${id}`, name: id, extension: id, queues: [], ...more, state: { chosen: "ready", effective, since: AT, ...state } }) as unknown as AgentView;
const queue = (id: string, members: number, waiting: { id: string; at: string }[] = [], more: object = {}): QueueNow => ({
  queue: { id, name: `Queue ${id}`, kind: "mirrored", members, ...more },
  waiting: waiting.map((one) => ({ id: one.id, entered_at: one.at })),
}) as unknown as QueueNow;
const call = (id: string, more: object = {}): CallRow =>
  ({ id, state: "live", direction: "inbound", started_at: AT, calling: { withheld: false, number: null, name: "Jana" }, ...more }) as unknown as CallRow;

const lunch: ReasonView = { code: "lunch", labels: { en: "Lunch" }, active: true, by_system: false, paid: false, productive: false, position: 1, max_minutes: 30 };
const around = (calls: CallRow[] = []) => ({
  calls: new Map(calls.map((one) => [one.id, one])),
  queueName: (id: string) => (id === "q1" ? "Claims" : undefined),
  deviceState: () => undefined,
  nameOf: (user: string | null | undefined, otherwise: string) => (user === "usr_1" ? "Anna" : otherwise),
  teamOf: (user: string | null | undefined) => (user === "usr_1" ? "praha" : null),
  reasons: [lunch],
  callLimitMs: 600_000,
});

describe("lanes", () => {
  it("hold each state, and apart who wants somebody", () => {
    const lanes = ["ready", "reserved", "ringing", "talking", "wrap_up", "paused", "logged_out", "unreachable"].map((state) => laneOf(agent("a", state)));
    expect(lanes).toEqual(["ready", "ringing", "ringing", "talking", "wrap_up", "pause", "logged_out", "trouble"]);
    expect(laneOf(agent("a", "paused", {}, { chosen: "paused", reason: "no_answer" }))).toBe("trouble");
  });

  it("hold who chats apart from who is free, where a house has chats", () => {
    const chats = { working: [{ medium: "callback", since: "2026-11-12T09:00:00Z" }, { medium: "chat", since: "2026-11-12T09:30:00Z" }] };
    expect(laneOf(agent("a", "ready", {}, chats))).toBe("chatting");
    // A call and a break go before it.
    expect([laneOf(agent("a", "talking", {}, chats)), laneOf(agent("a", "paused", {}, chats))]).toEqual(["talking", "pause"]);
    const [tile] = tilesOf([agent("a", "ready", {}, chats)], around());
    expect(tile).toMatchObject({ look: "chatting", word: "Chatting", since: "2026-11-12T09:30:00Z" });
    expect(lanesOf([agent("a", "ready")])).not.toContain("chatting");
    expect(lanesOf([agent("a", "ready", { profile: { capacity: { chat: 2 } } })])).toContain("chatting");
  });
});

describe("tiles", () => {
  const tiles = tilesOf([
    agent("2", "paused", {}, { chosen: "paused", reason: "lunch" }),
    agent("1", "talking", { user: "usr_1", queues: [member("q1")] }, { call: "c1" }),
    agent("3", "talking", {}, { call: "c2" }),
  ], around([call("c1", { queue: "q1" }), call("c2", { direction: "outbound", dialled: { raw: "605550142", e164: "+420605550142" } })]));

  it("say who, what state, about which queue or number, and how long it may last", () => {
    expect(tiles.map(({ name, number, word, about, limitMs }) => [name, number, word, about, limitMs])).toEqual([
      ["2", "2", "Lunch", null, 1_800_000],
      ["3", "3", "On call (direct)", "+420\u00a0605\u00a0550\u00a0142", 600_000],
      ["Anna", "1", "On call (queue)", "Claims", 600_000],
    ]);
  });

  it("stand in teams by name, those without one last, and in lanes", () => {
    expect(byTeam(tiles).map(({ team, tiles: people }) => [team, people.map(({ id }) => id)])).toEqual([["praha", ["1"]], [null, ["2", "3"]]]);
    expect(byLane(tiles)).toEqual([{ lane: "talking", ids: ["3", "1"] }, { lane: "pause", ids: ["2"] }]);
    expect(countLanes(tiles)).toMatchObject({ talking: 2, pause: 1, ready: 0 });
  });

  it("stand out by state, queue, name without accents, or number", () => {
    const spot = { lane: null, queue: null, text: "" };
    const ids = (more: object) => tiles.filter((tile) => isInSpot(tile, { ...spot, ...more })).map(({ id }) => id);
    expect([ids({}), ids({ lane: "pause" }), ids({ queue: "q1" }), ids({ text: " ÁNNA" }), ids({ text: "3" })]).toEqual([["2", "3", "1"], ["2"], ["1"], ["1"], ["3"]]);
  });
});

describe("a queue in figures", () => {
  const here = [
    agent("1", "ready", { queues: [member("q1")] }),
    agent("2", "talking", { queues: [member("q1")] }),
    agent("3", "paused", { queues: [member("q1", { paused: true })] }, { chosen: "paused" }),
    agent("4", "unreachable", { queues: [member("q1")] }),
    agent("5", "ready", { queues: [member("q1", { signed_in: false })] }),
  ];

  it("counts who is signed in, free, at work, and left", () => {
    const [figures] = queueFigures([queue("q1", 5, [{ id: "e2", at: "2026-11-12T10:00:05Z" }, { id: "e1", at: AT }])], here);
    expect(figures).toMatchObject({ members: 4, hidden: 0, free: 1, busy: 1, left: 2, waiting: 2, oldest: AT });
  });

  it("says how many members this reader may not see", () => {
    expect(queueFigures([queue("q1", 9)], here)[0]).toMatchObject({ members: 8, hidden: 4, oldest: null });
  });

  it("knows a member that is paused as a whole where the queue keeps no pauses", () => {
    const paused = agent("6", "paused", { queues: [member("q1", { signed_in: true })] }, { chosen: "paused" });
    expect(queueFigures([queue("q1", 1)], [paused])[0]).toMatchObject({ members: 1, free: 0, left: 0 });
  });
});

describe("calls", () => {
  it("stand in the order they began, without those that have ended", () => {
    const rows = liveCalls([call("c2", { started_at: "2026-11-12T10:00:09Z", answered_at: "2026-11-12T10:00:12Z", agent: "1", queue: "q1" }), call("c3", { state: "ended" }), call("c1")], (one) => one.agent ?? null, around().queueName);
    expect(rows.map(({ id, queue: name, agent: who, answeredAt }) => [id, name, who, answeredAt])).toEqual([["c1", null, null, null], ["c2", "Claims", "1", "2026-11-12T10:00:12Z"]]);
  });

  it("that wait stand by their age over all queues", () => {
    const callers = waitingCallers([queue("q1", 0, [{ id: "e2", at: "2026-11-12T10:00:05Z" }]), queue("q2", 0, [{ id: "e1", at: AT }], { kind: "owned" })]);
    expect(callers.map(({ id, isOurs }) => [id, isOurs])).toEqual([["e1", true], ["e2", false]]);
  });

  it("of the day count for who answered and who dialled", () => {
    const day = dayOf([call("a", { agent: "1", answered_at: AT }), call("b", { agent: "1" }), call("c", { agent: "1", direction: "outbound" }), call("d")]);
    expect([...day]).toEqual([["1", { answered: 1, made: 1 }]]);
  });
});

describe("projects", () => {
  const queues = [
    queue("q1", 1, [{ id: "e1", at: "2026-11-12T10:00:05Z" }], { kind: "owned", project: "Spring" }),
    queue("q2", 1, [{ id: "e2", at: AT }], { kind: "owned", project: "Spring" }),
    queue("q3", 1, [{ id: "e3", at: AT }], { kind: "owned", project: "Autumn" }),
    queue("q4", 1, [{ id: "e4", at: AT }]),
  ];
  const figures = queueFigures(queues, []);

  // covers: SUP-06
  it("count who waits and who was missed in all their queues, and in no other", () => {
    const missed = projectFigures(figures, (id) => ({ q1: 2, q2: 3, q4: 9 })[id] ?? 0);
    expect(missed.map(({ name, waiting, oldest, missed: count, queues: of }) => [name, waiting, oldest, count, of])).toEqual([
      ["Autumn", 1, AT, 0, ["q3"]],
      ["Spring", 2, AT, 5, ["q1", "q2"]],
    ]);
    expect(projectFigures(figures, null).map((one) => one.missed)).toEqual([null, null]);
    expect(projectFigures(queueFigures([queue("q4", 1)], []), null)).toEqual([]);
  });

  // covers: SUP-04
  it("of an agent follow the queues it is signed in to", () => {
    const projectOf = (id: string) => figures.find((one) => one.id === id)?.project ?? null;
    const one = agent("1", "ready", { queues: [member("q1"), member("q2"), member("q3", { signed_in: false }), member("q4")] });
    expect(projectsOf(one, projectOf)).toEqual(["Spring"]);
    expect(projectsOf({ ...one, queues: one.queues.map((queue) => ({ ...queue, signed_in: true })) }, projectOf)).toEqual(["Autumn", "Spring"]);
    expect(projectsOf({ ...one, queues: [] }, projectOf)).toEqual([]);
  });

  it("let those stand out who are signed in to one of their queues", () => {
    const tiles = tilesOf([agent("1", "ready", { queues: [member("q1", { signed_in: false })] }), agent("2", "ready", { queues: [member("q2")] })], around());
    expect(tiles.filter((tile) => isInSpot(tile, { lane: null, queue: null, among: ["q1", "q2"], text: "" })).map(({ id }) => id)).toEqual(["2"]);
  });
});
