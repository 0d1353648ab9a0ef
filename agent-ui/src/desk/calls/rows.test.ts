import { describe, expect, it } from "vitest";
import { byHour, callRows, dayFigures, heldRows, rowOf, type CallSummary } from "./rows";

const call = (id: string, more: Partial<CallSummary> = {}): CallSummary => ({
  id,
  state: "ended",
  version: 1,
  switch: "sw",
  pbx_ids: [],
  direction: "inbound",
  calling: { withheld: false, number: { raw: "605550142", e164: "+420605550142", kind: "external" } },
  started_at: `2026-11-20T09:0${id}:00Z`,
  outcome: "answered",
  talk_ms: 60_000,
  ...more,
});

describe("rows of my calls", () => {
  it("tells received, dialled and missed apart", () => {
    const kinds = [call("1"), call("2", { direction: "outbound" }), call("3", { outcome: "missed", ring_ms: 9_000 })].map((one) => rowOf(one, "1042"));
    expect(kinds.map((row) => [row.kind, row.lengthMs])).toEqual([["received", 60_000], ["dialled", 60_000], ["missed", 9_000]]);
  });

  it("shows the other end of an internal call", () => {
    const row = rowOf(call("1", { direction: "internal", calling: { withheld: false, number: { raw: "1042", kind: "internal" } }, dialled: { raw: "1043", kind: "internal" } }), "1042");
    expect([row.kind, row.party.number?.raw]).toEqual(["dialled", "1043"]);
  });

  it("puts live calls first, then the newest, each once", () => {
    const live = { ...call("1", { state: "live", version: 5 }) };
    const rows = callRows([call("1"), call("2"), call("3")], [live as never], new Set(), null);
    expect(rows.map((row) => row.id)).toEqual(["1", "3", "2"]);
    expect(rows[0]?.isLive).toBe(true);
  });

  it("keeps places while held and counts what is new", () => {
    const rows = [{ id: "new" }, { id: "b" }, { id: "a" }];
    expect(heldRows(rows, ["a", "b"])).toEqual({ shown: [{ id: "a" }, { id: "b" }], fresh: 1 });
  });

  it("counts the own day", () => {
    const rows = callRows([call("1"), call("2", { talk_ms: 120_000 }), call("3", { outcome: "missed" })], [], new Set(), null);
    expect(dayFigures(rows)).toEqual({ handled: 2, dialled: 0, missed: 1, talkAvgMs: 90_000 });
    expect(dayFigures([]).talkAvgMs).toBeNull();
    expect(byHour(rows, () => 9).find((hour) => hour.hour === 9)).toEqual({ hour: 9, handled: 2, missed: 1 });
  });
});
