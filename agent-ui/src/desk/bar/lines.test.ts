// covers: TEL-10 TEL-12
import { describe, expect, it } from "vitest";
import type { CallDetail } from "../../api/types";
import { currentLine, linesOf, shownLines } from "./lines";

const mine = { user: "usr_1", agent: "agt_1", device: "dev_1" };
const jana = { withheld: false, name: "Jana", number: { raw: "605550142", kind: "external", e164: "+420605550142" } };
const anna = { withheld: false, name: "Anna", number: { raw: "1050", kind: "internal" } };

type Leg = CallDetail["legs"][number];

function leg(id: string, state: string, more: Partial<Leg> = {}): Leg {
  return { id, device: "dev_1", side: "target", state, party: { withheld: false }, started_at: "2026-11-12T10:00:00Z", answered_at: null, ended_at: null, hold_ms: 0, ring_ms: 0, talk_ms: 0, ...more };
}

function call(id: string, legs: Leg[], more: Partial<CallDetail> = {}): CallDetail {
  return {
    id, legs, state: "live", version: 1, switch: "main", pbx_ids: [], direction: "inbound", calling: jana, queue: null, started_at: "2026-11-12T10:00:00Z",
    data: {}, durations: { hold_ms: 0, queue_ms: 0, ring_ms: 0, talk_ms: 0 }, entries: [], evidence: "", notes: [], offers: [], parties: [], permits: [], related_calls: [], transfers: [], ...more,
  };
}

describe("lines of the bar", () => {
  it("shows who calls while it rings, in the colour of ringing", () => {
    const [line] = linesOf([call("a", [leg("1", "alerting")])], mine);
    expect(line).toMatchObject({ phase: "ringing", look: "ringing", party: { name: "Jana" }, since: "2026-11-12T10:00:00Z" });
  });

  it("tells a queue call from a direct one and counts from the answer", () => {
    const legs = [leg("1", "connected", { answered_at: "2026-11-12T10:00:09Z" })];
    expect(linesOf([call("a", legs, { queue: "que_1" })], mine)[0]).toMatchObject({ look: "talking", since: "2026-11-12T10:00:09Z" });
    expect(linesOf([call("a", legs)], mine)[0]).toMatchObject({ look: "talking_direct" });
  });

  it("follows click-to-dial from my own phone to the other end", () => {
    const dialled = { raw: "1050", kind: "internal" };
    const out = (...legs: Leg[]) => linesOf([call("a", legs, { direction: "internal", calling: { withheld: false }, dialled })], mine)[0];
    const me = (state: string) => leg("1", state, { side: "originator" });
    const other = (state: string) => leg("2", state, { device: "dev_9", party: anna });
    expect(out(me("initiated"))).toMatchObject({ phase: "dialling", party: { number: dialled } });
    expect(out(me("connected"), other("alerting"))).toMatchObject({ phase: "ringing_out", party: { name: "Anna" } });
    expect(out(me("connected"), other("connected"))).toMatchObject({ phase: "talking", party: { name: "Anna" } });
  });

  it("keeps the held call first and marks the consultation", () => {
    const held = call("a", [leg("1", "hold")]);
    const consult = call("b", [leg("2", "connected", { side: "originator" }), leg("3", "connected", { device: "dev_9", party: anna })]);
    const lines = linesOf([held, consult], mine);
    expect(lines.map((line) => [line.phase, line.isConsult])).toEqual([["held", false], ["talking", true]]);
    expect(currentLine(lines)?.call.id).toBe("b");
  });

  it("leaves out what is over for me and calls of others", () => {
    expect(linesOf([call("a", [leg("1", "null")]), call("b", [leg("2", "connected", { device: "dev_9" })]), call("c", [leg("3", "connected")], { state: "ended" })], mine)).toEqual([]);
  });

  it("gives two places, one of them always to the call I talk in", () => {
    const ring = (id: string) => call(id, [leg(id, "alerting")]);
    const lines = linesOf([ring("a"), ring("b"), ring("c"), call("d", [leg("d", "connected")])], mine);
    expect(shownLines(lines).map((line) => line.call.id)).toEqual(["a", "d"]);
  });
});
