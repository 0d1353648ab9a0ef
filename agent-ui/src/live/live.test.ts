// covers: AGT-01 AGT-30 POP-24
import { describe, expect, it } from "vitest";
import { World } from "./fake";
import { BOARDS_TOGETHER_MS, createLive, type Live, type Signal } from "./live";

const call = (id: string, version: number, extra: object = {}) => ({ id, version, state: "live", legs: [{ id: `leg_${id}`, state: "alerting" }], ...extra });
const view = (part: string, cursor: number, items: object[], more: object = {}) => ({ op: "view", part, cursor, whole: true, items, last: true, ...more });
const pop = (id: string, more: object = {}) => ({ id, call: `call_${id}`, state: "active", at: "2026-11-12T10:00:00Z", calling: { withheld: false }, lookup: null, history: [], ...more });

/** The server tells of boards, and the moment passes after which they are shown. */
function tells(world: World, ...frames: object[]): void {
  for (const frame of frames) world.socket.says(frame);
  world.pass(BOARDS_TOGETHER_MS);
}

function welcome(world: World, cursor = 10): void {
  world.socket.events.opened();
  world.socket.says({ op: "welcome", session: "s", heartbeat_ms: 20_000, server_time: world.serverTime(), cursor, oldest_cursor: 1, rights: ["call.read.own"] });
}

function start(): { world: World; live: Live; signals: Signal[] } {
  const world = new World();
  const live = createLive(world, "tab-1");
  const signals: Signal[] = [];
  live.on((signal) => signals.push(signal));
  live.connect();
  welcome(world);
  world.socket.says({ op: "reset", cursor: 10, reason: "fresh" });
  tells(world, view("calls", 10, [call("a", 1), call("b", 1)]));
  return { world, live, signals };
}

/** The server pings every 20 s for a while. */
function pings(world: World, times: number): void {
  for (let n = 0; n < times; n += 1) {
    world.pass(20_000);
    world.socket.says({ op: "ping", server_time: world.serverTime() });
  }
}

describe("the stream of the desk", () => {
  it("greets with its tab and all views and answers pings", () => {
    const { world } = start();
    const [hello] = world.socket.frames("hello");
    expect(hello).toMatchObject({ client: { kind: "desktop", tab: "tab-1" } });
    expect(hello).not.toHaveProperty("token");
    expect(hello?.topics).toEqual(expect.arrayContaining(["view:calls", "view:agents", "pop:me", "command:mine"]));
    pings(world, 2);
    expect(world.socket.frames("pong")).toHaveLength(2);
  });

  // covers: SUP-07
  it("follows one more topic while somebody wants it, and names it again when the connection is back", () => {
    const { world, live } = start();
    const leave = [live.follow("queue:*"), live.follow("queue:*")];
    expect(world.socket.frames("subscribe").map(({ topics }) => topics)).toEqual([["queue:*"]]);
    world.socket.events.closed(1006);
    world.pass(20_000);
    world.socket.events.opened();
    expect(world.socket.frames("hello")[0]?.topics).toContain("queue:*");
    for (const run of [leave[0], leave[0], leave[1]]) run?.();
    expect(world.socket.frames("unsubscribe").map(({ topics }) => topics)).toEqual([["queue:*"]]);
    world.socket.events.closed(1006);
    world.pass(20_000);
    world.socket.events.opened();
    expect(world.socket.frames("hello")[0]?.topics).not.toContain("queue:*");
  });

  it("shows the same picture twice without any change", () => {
    const { world, live } = start();
    const before = live.getState().parts;
    let changes = 0;
    live.subscribe(() => (changes += 1));
    tells(world, view("calls", 11, [call("a", 1), call("b", 1)]));
    expect(live.getState().parts).toBe(before);
    expect(changes).toBe(0);
  });

  it("shows boards that come together at once, and a card with what came before it at once", () => {
    const { world, live } = start();
    const pictures: string[] = [];
    live.subscribe(() => pictures.push(`${live.getState().parts.calls.items.has("c")} ${live.getState().parts.pops.items.has("1")}`));
    world.socket.says({ op: "view", part: "calls", cursor: 11, whole: false, items: [call("c", 1)], gone: [] });
    world.socket.says({ op: "view", part: "calls", cursor: 12, whole: false, items: [call("d", 1)], gone: [] });
    expect(pictures).toEqual([]);
    world.socket.says({ op: "pop", action: "show", pop: pop("1") });
    expect(pictures).toEqual(["true true"]);
    world.pass(BOARDS_TOGETHER_MS);
    expect(pictures).toHaveLength(1);
    tells(world, { op: "view", part: "calls", cursor: 13, whole: false, items: [], gone: ["c"] }, { op: "view", part: "calls", cursor: 13, whole: false, items: [], gone: ["d"] });
    expect(pictures).toEqual(["true true", "false true"]);
  });

  it("keeps the identity of calls over a reconnect and a restart of the server", () => {
    const { world, live } = start();
    const kept = live.getState().parts.calls.items.get("a");
    world.socket.events.closed(1006);
    expect(live.getState().parts.calls.items.get("a")).toBe(kept);
    world.pass(2_000);
    welcome(world, 3);
    world.socket.says({ op: "reset", cursor: 3, reason: "stale_cursor" });
    tells(world, view("calls", 3, [call("a", 1), call("b", 2, { state: "ended" })]));
    expect(live.getState().parts.calls.items.get("a")).toBe(kept);
    expect(live.getState().parts.calls.items.get("b")?.state).toBe("ended");
  });

  it("does not let a late older item replace a newer one, nor bring back what is gone", () => {
    const { world, live } = start();
    const change = (cursor: number, items: object[], gone: string[] = []) => tells(world, { op: "view", part: "calls", cursor, whole: false, items, gone });
    change(12, [call("a", 3)]);
    change(11, [call("a", 2)]);
    expect(live.getState().parts.calls.items.get("a")?.version).toBe(3);
    change(14, [], ["b"]);
    change(13, [call("b", 2)]);
    expect(live.getState().parts.calls.items.has("b")).toBe(false);
    change(15, [call("b", 4)]);
    expect(live.getState().parts.calls.items.has("b")).toBe(true);
  });

  it("takes a picture of several frames as one", () => {
    const { world, live } = start();
    tells(world, view("calls", 20, [call("c", 1)], { last: false }));
    expect([...live.getState().parts.calls.items.keys()]).toEqual(["a", "b"]);
    tells(world, view("calls", 20, [call("d", 1)]));
    expect([...live.getState().parts.calls.items.keys()]).toEqual(["c", "d"]);
  });

  it.each([
    ["1 s", 1_000],
    ["1 h", 3_600_000],
    ["2 days", 172_800_000],
  ])("stands like the server again after a gap of %s", (_name, gap) => {
    const { world, live, signals } = start();
    world.socket.says({ op: "event", cursor: 15, event: { id: "e", sequence: 15, type: "call.created", time: world.serverTime(), data: {} } });
    world.socket.events.closed(1006);
    expect(live.getState().connection.phase).toBe("waiting");
    world.pass(gap);
    if (world.sockets.length === 1) world.pass(1_000);
    welcome(world, 40);
    const [hello] = world.socket.frames("hello");
    expect(hello?.resume).toEqual({ cursor: 15 });
    if (gap > 100_000_000) world.socket.says({ op: "reset", cursor: 40, reason: "cursor_too_old" });
    else world.socket.says({ op: "resumed", from: 15, to: 40 });
    tells(world, view("calls", 40, [call("z", 1)]));
    expect([...live.getState().parts.calls.items.keys()]).toEqual(["z"]);
    expect(live.getState().connection.phase).toBe("open");
    expect(signals.find((signal) => signal.kind === "back")).toMatchObject({ caughtUp: gap > 100_000_000 ? 0 : 25 });
  });

  it("gives up a silent connection after 45 s and waits longer with each try", () => {
    const { world, live } = start();
    world.pass(44_000);
    expect(live.getState().connection.phase).toBe("open");
    world.pass(3_000);
    expect(live.getState().connection).toMatchObject({ cause: "silent" });
    const first = world.sockets.length;
    for (let n = 0; n < 4; n += 1) {
      world.pass(20_000);
      world.socket.events.closed(1006);
    }
    const after = live.getState().connection.attempt;
    expect(after).toBeGreaterThan(3);
    expect(world.sockets.length).toBeGreaterThan(first);
  });

  it("reconnects at once when the computer wakes up", () => {
    const { world, live, signals } = start();
    world.sleep(30_000);
    expect(world.sockets).toHaveLength(2);
    expect(signals.some((signal) => signal.kind === "slept")).toBe(true);
    expect(live.getState().parts.calls.ready).toBe(true);
  });

  it("does not take a throttled page for a sleeping computer", () => {
    const { world } = start();
    world.sleep(4_000);
    world.socket.says({ op: "ping", server_time: world.serverTime() });
    expect(world.sockets).toHaveLength(1);
  });

  it("ends for good when the session is over", () => {
    const { world, live, signals } = start();
    world.socket.events.closed(4401);
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(live.getState().connection).toMatchObject({ phase: "off", cause: "signed_out" });
    expect(signals.at(-1)).toEqual({ kind: "signed_out" });
  });

  it("counts a refused part as told and empty", () => {
    const { world, live } = start();
    world.socket.says({ op: "problem", topic: "view:queues", problem: { code: "topic_refused" } });
    expect(live.getState().parts.queues).toMatchObject({ ready: true });
  });
});

describe("cards", () => {
  it("opens a window once, whatever is repeated", () => {
    const { world, signals } = start();
    const open = { url: "https://crm.example/1", window: "crm" };
    for (let n = 0; n < 200; n += 1) world.socket.says({ op: "pop", action: n === 0 ? "show" : "update", pop: pop("1"), open });
    expect(signals.filter((signal) => signal.kind === "pop_open")).toHaveLength(1);
    expect(signals.filter((signal) => signal.kind === "pop_show")).toHaveLength(1);
  });

  it("does not announce cards of a picture again", () => {
    const { world, live, signals } = start();
    tells(world, view("pops", 11, [pop("1"), pop("2")]));
    expect(live.getState().parts.pops.items.size).toBe(2);
    expect(signals.filter((signal) => signal.kind === "pop_show")).toHaveLength(0);
  });

  it("shows why a card goes for three seconds", () => {
    const { world, live } = start();
    world.socket.says({ op: "pop", action: "show", pop: pop("1") });
    world.socket.says({ op: "pop", action: "retract", pop: pop("1", { state: "retracted", reason: "answered_elsewhere" }) });
    expect(live.getState().parts.pops.items.get("1")?.reason).toBe("answered_elsewhere");
    world.pass(3_001);
    expect(live.getState().parts.pops.items.size).toBe(0);
  });

  it("announces a card that comes back, and no old timer takes it away", () => {
    const { world, live, signals } = start();
    world.socket.says({ op: "pop", action: "show", pop: pop("1") });
    world.socket.says({ op: "pop", action: "retract", pop: pop("1", { state: "retracted", reason: "no_answer" }) });
    world.pass(1_000);
    world.socket.says({ op: "pop", action: "show", pop: pop("1") });
    world.pass(10_000);
    expect(live.getState().parts.pops.items.get("1")?.state).toBe("active");
    expect(signals.filter((signal) => signal.kind === "pop_show")).toHaveLength(2);
  });

  it("gives a card that comes back and goes again its whole three seconds", () => {
    const { world, live } = start();
    const retract = (reason: string) => world.socket.says({ op: "pop", action: "retract", pop: pop("1", { state: "retracted", reason }) });
    world.socket.says({ op: "pop", action: "show", pop: pop("1") });
    retract("no_answer");
    world.pass(1_000);
    world.socket.says({ op: "pop", action: "show", pop: pop("1") });
    retract("answered_elsewhere");
    world.pass(2_500);
    expect(live.getState().parts.pops.items.get("1")?.reason).toBe("answered_elsewhere");
    world.pass(501);
    expect(live.getState().parts.pops.items.size).toBe(0);
  });

  it("takes the card of my own call away with its end, so that nothing rings in the wrap-up", () => {
    const { world, live } = start();
    world.socket.says({ op: "pop", action: "show", pop: pop("1") });
    world.socket.says({ op: "pop", action: "retract", pop: pop("1", { state: "retracted", reason: "ended" }) });
    expect(live.getState().parts.pops.items.size).toBe(0);
  });

  it("tells once that a card was painted, and later what was dismissed offline", () => {
    const { world, live } = start();
    world.socket.says({ op: "pop", action: "show", pop: pop("1") });
    live.popShown("1");
    live.popShown("1");
    expect(world.socket.frames("pop_shown")).toEqual([{ op: "pop_shown", pop: "1" }]);
    world.socket.events.closed(1006);
    live.popDismiss("1");
    world.pass(2_000);
    welcome(world);
    expect(world.socket.frames("pop_dismiss")).toEqual([{ op: "pop_dismiss", pop: "1" }]);
  });
});

describe("commands", () => {
  const view_of = (world: World, state: string, more: object = {}) => ({ id: "cmd_1", command: "hold_call", state, steps: [], deadline: new Date(world.now() + 3_000).toISOString(), ...more });

  it("shows the steps of a call that somebody else dials from my phone", () => {
    const { world, live } = start();
    const says = (sequence: number, type: string, data: Record<string, unknown>) =>
      world.socket.says({ op: "event", cursor: sequence, event: { id: `e${sequence}`, sequence, type, time: world.serverTime(), data: { command: "cmd_9", ...data } } });
    says(20, "command.sent", { name: "make_call" });
    says(21, "command.progress", { step: "own_ringing" });
    expect(live.getState().commands.get("make_call")).toMatchObject({ isPending: true, steps: [{ step: "own_ringing" }] });
    says(22, "command.succeeded", {});
    expect(live.getState().commands.get("make_call")?.isPending).toBe(false);
  });
  const event = (type: string, data: object) => ({ op: "event", cursor: 50, event: { id: type, sequence: 50, type, time: "2026-11-12T10:00:01Z", data: { command: "cmd_1", ...data } } });

  it("is done with its answer where no switch had to be asked", async () => {
    const { world, live } = start();
    const outcome = live.command("state", "set_agent_state", { agent_id: "a", state: "ready" });
    const [sent] = world.socket.frames("command");
    world.socket.says({ op: "ack", ref: sent?.ref, agent: { id: "a" } });
    expect(await outcome).toEqual({ ok: true, command: null });
    expect(live.getState().commands.get("state")?.isPending).toBe(false);
  });

  it("of which a new picture hides the end are asked for again, by the same key", async () => {
    const { world, live } = start();
    const outcome = live.command("hold:a", "hold_call", { call_id: "a" });
    const [sent] = world.socket.frames("command");
    world.socket.says({ op: "ack", ref: sent?.ref, command: view_of(world, "sent") });
    world.socket.says({ op: "reset", cursor: 60, reason: "rights_changed" });
    expect(world.socket.frames("command")).toEqual([sent, sent]);
    world.socket.says({ op: "ack", ref: sent?.ref, command: view_of(world, "succeeded") });
    expect(await outcome).toMatchObject({ ok: true, command: { id: "cmd_1" } });
  });

  it("is pending until the event of the switch", async () => {
    const { world, live } = start();
    const outcome = live.command("hold:a", "hold_call", { call_id: "a" });
    const [sent] = world.socket.frames("command");
    world.socket.says({ op: "ack", ref: sent?.ref, command: view_of(world, "sent") });
    world.socket.says(event("command.progress", { step: "accepted" }));
    expect(live.getState().commands.get("hold:a")).toMatchObject({ isPending: true, steps: [{ step: "accepted" }] });
    world.socket.says(event("command.succeeded", {}));
    expect(await outcome).toMatchObject({ ok: true });
    expect(live.getState().commands.get("hold:a")?.isPending).toBe(false);
  });

  it("comes back with the cause in 3 s when nobody answers", async () => {
    const { world, live } = start();
    const outcome = live.command("hold:a", "hold_call", { call_id: "a" });
    world.pass(3_001);
    expect(await outcome).toEqual({ ok: false, failure: { code: "no_answer", detail: "" } });
  });

  it("says what the switch said", async () => {
    const { world, live } = start();
    const outcome = live.command("hold:a", "hold_call", { call_id: "a" });
    const [sent] = world.socket.frames("command");
    world.socket.says({ op: "ack", ref: sent?.ref, command: view_of(world, "sent") });
    world.socket.says(event("command.failed", { code: "refused", detail: "wrong state" }));
    expect(await outcome).toEqual({ ok: false, failure: { code: "refused", detail: "wrong state" } });
  });

  it("is not asked twice while it is pending, and refused at once without a connection", async () => {
    const { world, live } = start();
    void live.command("hold:a", "hold_call", { call_id: "a" });
    expect(await live.command("hold:a", "hold_call", { call_id: "a" })).toMatchObject({ failure: { code: "pending" } });
    expect(world.socket.frames("command")).toHaveLength(1);
    world.socket.events.closed(1006);
    expect(await live.command("clear:a", "clear_connection", { call_id: "a" })).toMatchObject({ failure: { code: "offline" } });
  });
});
