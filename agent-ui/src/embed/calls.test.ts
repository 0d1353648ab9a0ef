// covers: INT-15 INT-11
import { describe, expect, it } from "vitest";
import type { CallDetail } from "../api/types";
import { CallWatch, embedCall, LogBook } from "./calls";
import { faultOf } from "./schema";

const mine = { user: "usr_1", agent: "agt_1", device: "dev_1" };
const jana = { withheld: false, name: "Jana", number: { raw: "605550142", kind: "external", e164: "+420605550142" } };
type Leg = CallDetail["legs"][number];

const leg = (id: string, state: string, more: Partial<Leg> = {}): Leg =>
  ({ id, device: "dev_1", side: "target", state, party: { withheld: false }, started_at: "2026-11-12T10:00:00Z", answered_at: null, ended_at: null, hold_ms: 0, ring_ms: 0, talk_ms: 0, ...more });

const call = (id: string, legs: Leg[], more: Partial<CallDetail> = {}): CallDetail => ({
  id, legs, state: "live", version: 1, switch: "main", pbx_ids: [], direction: "inbound", calling: jana, queue: null, started_at: "2026-11-12T10:00:00Z",
  data: {}, durations: { hold_ms: 0, queue_ms: 0, ring_ms: 0, talk_ms: 0 }, entries: [], evidence: "", notes: [], offers: [], parties: [], permits: [], related_calls: [], transfers: [], ...more,
});

const at = (second: number): string => `2026-11-12T10:00:${String(second).padStart(2, "0")}Z`;
const ms = (second: number): number => Date.parse(at(second));

describe("what the page around is told of calls", () => {
  it("tells offered, answered and ended once each, with the time talked", () => {
    const watch = new CallWatch();
    expect(watch.look([], mine, ms(0))).toEqual([]);
    const ringing = [call("a", [leg("1", "alerting")])];
    expect(watch.look(ringing, mine, ms(1))).toMatchObject([{ type: "call.offered", resumed: false }]);
    expect(watch.look(ringing, mine, ms(2))).toEqual([]);
    const talking = [call("a", [leg("1", "connected", { answered_at: at(5) })], { answered_at: at(5) })];
    expect(watch.look(talking, mine, ms(6))).toMatchObject([{ type: "call.answered", resumed: false }]);
    expect(watch.look([call("a", [leg("1", "hold", { answered_at: at(5) })])], mine, ms(7))).toEqual([]);
    const over = [call("a", [leg("1", "null", { answered_at: at(5), ended_at: at(35) })], { state: "ended", ended_at: at(36) })];
    expect(watch.look(over, mine, ms(40))).toMatchObject([{ type: "call.ended", outcome: { answered: true, answered_at: at(5), ended_at: at(35), duration_ms: 30_000 } }]);
    expect(watch.look(over, mine, ms(41))).toEqual([]);
  });

  it("tells the end of a call that vanished, and of one that nobody answered here", () => {
    const watch = new CallWatch();
    watch.look([], mine, ms(0));
    watch.look([call("a", [leg("1", "alerting")])], mine, ms(1));
    expect(watch.look([], mine, ms(9))).toMatchObject([{ type: "call.ended", outcome: { answered: false, answered_at: null, duration_ms: 0 } }]);
  });

  it("counts a call I dialled from the answer of the other end", () => {
    const watch = new CallWatch();
    watch.look([], mine, ms(0));
    const me = (state: string) => leg("1", state, { side: "originator", answered_at: at(2) });
    const other = (state: string) => leg("2", state, { device: "trunk", party: jana });
    const out = (more: object, ...legs: Leg[]) => [call("a", legs, { direction: "outbound", ...more })];
    expect(watch.look(out({}, me("initiated")), mine, ms(1))).toMatchObject([{ type: "call.offered" }]);
    expect(watch.look(out({}, me("connected"), other("alerting")), mine, ms(3))).toEqual([]);
    expect(watch.look(out({ answered_at: at(10) }, me("connected"), other("connected")), mine, ms(11))).toMatchObject([{ type: "call.answered" }]);
    expect(watch.look([], mine, ms(25))).toMatchObject([{ type: "call.ended", outcome: { duration_ms: 15_000 } }]);
  });

  it("opens nothing again for a call that was there before the frame, or that comes back", () => {
    const watch = new CallWatch();
    const talking = [call("a", [leg("1", "connected", { answered_at: at(5) })])];
    expect(watch.look([], mine, ms(6), false)).toEqual([]);
    expect(watch.look(talking, mine, ms(6))).toMatchObject([{ type: "call.offered", resumed: true }, { type: "call.answered", resumed: true }]);
    watch.look([], mine, ms(8));
    expect(watch.look(talking, mine, ms(9))).toMatchObject([{ type: "call.offered", resumed: true }, { type: "call.answered", resumed: true }]);
  });

  it("leaves out calls of others", () => {
    const watch = new CallWatch();
    watch.look([], mine, ms(0));
    expect(watch.look([call("a", [leg("1", "connected", { device: "dev_9" })])], mine, ms(1))).toEqual([]);
  });

  it("describes a call as the schema wants it, from this side", () => {
    const contact = { id: "con_1", name: "Jana", company: null, version: 1, kind: "person", numbers: [], addresses: [], external_ids: [{ system: "salesforce", id: "003", changed_at: at(0) }], fields: {}, links: [], created_at: at(0), changed_at: at(0) } as unknown as Parameters<typeof embedCall>[1]["contact"];
    const seen = embedCall(call("a", [leg("1", "alerting")]), { extension: "1001", contact, queueName: "Podpora", name: "Jana" });
    expect(seen).toMatchObject({ direction: "inbound", number: "+420605550142", contact: { external_ids: [{ system: "salesforce", id: "003" }] } });
    expect(faultOf("desk.call.offered", { call: seen, resumed: false })).toBeNull();
    const dialled = { raw: "1050", kind: "internal" };
    expect(embedCall(call("b", [], { direction: "internal", calling: { withheld: false, number: { raw: "1001", kind: "internal" } }, dialled }), { extension: "1001", contact: null, queueName: null, name: "1050" })).toMatchObject({ direction: "outbound", number: "1050" });
  });
});

describe("logs of calls", () => {
  const outcome = { answered: true, answered_at: at(5), ended_at: at(35), duration_ms: 30_000 };
  const seen = embedCall(call("a", []), { extension: "1001", contact: null, queueName: null, name: "Jana" });

  it("come once, and again only with something new", () => {
    const book = new LogBook();
    const first = book.ended({ call: seen, ...outcome, note: "", category: null, record: null });
    expect(first.revision).toBe(1);
    expect(faultOf("desk.call.log", first)).toBeNull();
    expect(book.again("a", { note: "", category: null })).toBeNull();
    expect(book.again("a", { note: "wants an invoice", category: null })).toMatchObject({ revision: 2, note: "wants an invoice", duration_ms: 30_000 });
    expect(book.again("a", { note: "wants an invoice", category: null })).toBeNull();
    expect(book.again("b", { note: "other", category: null })).toBeNull();
    expect(book.ended({ call: seen, ...outcome, note: "", category: null, record: null }).revision).toBe(3);
  });
});
