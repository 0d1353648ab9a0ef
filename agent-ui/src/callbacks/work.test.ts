import { describe, expect, it } from "vitest";
import type { Interaction } from "../api/types";
import { dueOf, inOrder, localTime, momentOf, overdueMs, shownOf, writtenWaiting } from "./work";

const BASE: Interaction = {
  id: "a", medium: "callback", queue: "q1", number: "+420605550142", subject: "", created_at: "2026-11-27T10:00:00Z", not_before: "2026-11-27T10:00:00Z",
  state: "waiting", priority: 0, attempts: 0, tries: 0, data: {},
};
const one = (change: Partial<Interaction>): Interaction => ({ ...BASE, ...change });
const at = (time: string) => Date.parse(`2026-11-27T${time}:00Z`);

describe("the list of callbacks", () => {
  it("a callback is due when it was wished for, or when it is tried again", () => {
    expect(dueOf(one({ due: "2026-11-27T12:00:00Z" }))).toBe("2026-11-27T12:00:00Z");
    expect(dueOf(one({ due: "2026-11-27T12:00:00Z", not_before: "2026-11-27T12:15:00Z" }))).toBe("2026-11-27T12:15:00Z");
    expect(dueOf(one({}))).toBe(BASE.created_at);
  });

  it("only what waits can be overdue", () => {
    expect(overdueMs(one({ due: "2026-11-27T12:00:00Z" }), at("12:18"))).toBe(18 * 60_000);
    expect(overdueMs(one({ due: "2026-11-27T12:00:00Z" }), at("11:59"))).toBeNull();
    expect(overdueMs(one({ due: "2026-11-27T12:00:00Z", state: "working" }), at("12:18"))).toBeNull();
  });

  // covers: AGT-20
  it("what is written and waits is counted by queue, and no callback", () => {
    const all = [one({ medium: "chat" }), one({ medium: "email" }), one({ medium: "chat", state: "offered" }), one({ medium: "chat", queue: "q2" }), one({})];
    expect([...writtenWaiting(all)]).toEqual([["q1", 2], ["q2", 1]]);
  });

  it("mine stand first, then the others by their time", () => {
    const all = [one({ id: "late", due: "2026-11-27T14:00:00Z" }), one({ id: "soon", due: "2026-11-27T11:00:00Z" }), one({ id: "mine", agent: "me", state: "working", due: "2026-11-27T15:00:00Z" })];
    expect(inOrder(all, "me").map(({ id }) => id)).toEqual(["mine", "soon", "late"]);
    expect(inOrder(all, undefined).map(({ id }) => id)).toEqual(["soon", "late", "mine"]);
  });

  it("is narrowed to mine and to a queue", () => {
    const all = [one({ id: "a" }), one({ id: "b", queue: "q2" }), one({ id: "c", agent: "me", state: "offered" })];
    expect(shownOf(all, { whose: "mine", queue: null, me: "me" }).map(({ id }) => id)).toEqual(["c"]);
    expect(shownOf(all, { whose: "all", queue: "q2", me: "me" }).map(({ id }) => id)).toEqual(["b"]);
    expect(shownOf(all, { whose: "mine", queue: null, me: null })).toEqual([]);
  });

  it("a field of date and time is read as the clock of this computer", () => {
    const moment = new Date(2026, 10, 27, 9, 5).getTime();
    expect(localTime(moment)).toBe("2026-11-27T09:05");
    expect(momentOf("2026-11-27T09:05")).toBe(new Date(moment).toISOString());
    expect(momentOf("")).toBeNull();
    expect(momentOf("tomorrow")).toBeNull();
  });
});
