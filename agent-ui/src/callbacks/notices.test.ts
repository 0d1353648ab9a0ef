import { describe, expect, it } from "vitest";
import type { MissedCall } from "../api/types";
import { hasGone, toTell, withTold } from "./notices";

const missed = (call: string, change: Partial<MissedCall> = {}): MissedCall => ({
  call, calling: { withheld: false }, started_at: "2026-11-27T10:00:00Z", ended_at: "2026-11-27T10:01:00Z", note: "", state: "open", wait_ms: 0, ...change,
});

describe("notices of missed calls", () => {
  const kept = { since: "2026-11-27T10:00:30Z", told: ["c1"] };

  // covers: AGT-34
  it("a call is told once, and only from the moment on at which they were wanted", () => {
    const rows = [missed("c1"), missed("c2"), missed("c3", { ended_at: "2026-11-27T10:00:00Z" })];
    expect(toTell(rows, kept).map(({ call }) => call)).toEqual(["c2"]);
    expect(toTell(rows, withTold(kept, ["c2"]))).toEqual([]);
  });

  it("what somebody cares for already is no news", () => {
    expect(toTell([missed("c4", { state: "claimed" }), missed("c5", { state: "resolved" })], kept)).toEqual([]);
  });

  it("only what goes can have been missed", () => {
    expect([hasGone("", "a"), hasGone("a", "a b"), hasGone("a b", "b"), hasGone("a", "")]).toEqual([false, false, true, true]);
  });

  it("no more calls are remembered than a list has", () => {
    const many = Array.from({ length: 300 }, (_, at) => `x${at}`);
    expect(withTold(kept, many).told).toHaveLength(200);
  });
});
