// covers: SUP-17
import { describe, expect, it } from "vitest";
import { backAt, isWatched, levelBackAt, limitsForm, withLevel } from "./limits";

describe("what a queue is watched for as a form", () => {
  it("holds every limit, and none where the server tells none", () => {
    expect(isWatched(limitsForm(undefined))).toBe(false);
    expect(limitsForm({ waiting: 5 })).toEqual({ longest_wait_ms: null, longest_talk_ms: null, waiting: 5, ready_below: null, level_below: null, unattended: false });
    expect([limitsForm({ waiting: 5 }), limitsForm({ unattended: true })].every(isWatched)).toBe(true);
  });

  it("says where a figure has to come back to, as the core reckons it", () => {
    expect([backAt(120_000), backAt(5), backAt(1)]).toEqual([96_000, 4, 0]);
    expect([levelBackAt(80), levelBackAt(99), levelBackAt(100)]).toEqual([84, 99, 100]);
  });

  it("a service level keeps its time while its share changes, and has one from the beginning", () => {
    expect(withLevel(limitsForm(undefined), 80)).toEqual({ percent: 80, within_ms: 20_000 });
    expect(withLevel(limitsForm({ level_below: { percent: 80, within_ms: 30_000 } }), 70)).toEqual({ percent: 70, within_ms: 30_000 });
    expect(withLevel(limitsForm({ level_below: { percent: 80, within_ms: 30_000 } }), null)).toBeNull();
  });
});
