// covers: SUP-07 SUP-17
import { describe, expect, it } from "vitest";
import type { QueueAlert } from "../api/types";
import type { Raised } from "./alerts";
import { isBad, lastsFrom, queueAlertId, sortAlerts, withoutTold } from "./queueAlerts";

const NOW = Date.parse("2026-11-12T10:00:00Z");
const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();
const alert = (matter: string, raised: number, ended: number | null = null): QueueAlert => ({ queue: "que_1", queue_name: "Prodej", matter, value: 5, first_value: 5, limit: 5, since: at(raised), raised_at: at(raised), ended_at: ended === null ? null : at(ended) });
const own = (kind: Raised["kind"], queue: string | null): Raised => ({ id: kind, kind, queue, level: "warn", agent: null, since: NOW, from: null, limitMs: null, left: null });

describe("alerts of queues", () => {
  it("those that last stand first as they were told, then those that are over, the last one first and for an hour", () => {
    const all = [alert("waiting", -2), alert("ready", -90, -61), alert("level", -40, -30), alert("longest_talk", -20, -1), alert("longest_wait", -5)];
    const { open, over } = sortAlerts(all, NOW);
    expect(open.map(({ matter }) => matter)).toEqual(["longest_wait", "waiting"]);
    expect(over.map(({ matter }) => matter)).toEqual(["longest_talk", "level"]);
  });

  it("another crossing is another alert", () => {
    expect(queueAlertId(alert("waiting", -2))).not.toBe(queueAlertId(alert("waiting", -1)));
  });

  it("what the limits of a queue say is not said again by those of the browser", () => {
    const mine = [own("wait_over", "que_1"), own("agents_left", "que_1"), own("wait_over", "que_2"), own("call_over", null)];
    expect(withoutTold(mine, [])).toBe(mine);
    expect(withoutTold(mine, [alert("longest_wait", -1)]).map(({ kind, queue }) => [kind, queue])).toEqual([["agents_left", "que_1"], ["wait_over", "que_2"], ["call_over", null]]);
    expect(withoutTold(mine, [alert("unattended", -1)]).map(({ kind }) => kind)).toEqual(["wait_over", "wait_over", "call_over"]);
  });

  it("callers who wait are marked strongly, and a wait goes on from what was measured", () => {
    expect(["longest_wait", "unattended", "waiting", "ready", "level", "longest_talk"].map((matter) => isBad(alert(matter, 0)))).toEqual([true, true, false, false, false, false]);
    expect(lastsFrom({ ...alert("longest_wait", -1), value: 90_000 }, NOW)).toBe(NOW - 90_000);
    expect([lastsFrom(alert("waiting", -1), NOW), lastsFrom({ ...alert("longest_talk", -1), value: null }, NOW)]).toEqual([null, null]);
  });
});
