// covers: INT-15
import { describe, expect, it } from "vitest";
import { BURST, Guest, PER_SECOND } from "./guest";
import type { Envelope, HostMessage } from "./protocol";
import { faultOf, MESSAGES } from "./schema";

const CRM = "https://crm.example";

function frame(allowed = [CRM]) {
  const posted: { message: Envelope; origin: string }[] = [];
  const acted: HostMessage[] = [];
  let now = 0;
  const guest = new Guest({ allowed, now: () => now, post: (message, origin) => posted.push({ message, origin }), act: (message) => message.type !== "init" && acted.push(message) });
  const hear = (type: string, data: unknown = {}, more: { origin?: string; isParent?: boolean; message?: object } = {}) =>
    guest.heard({ origin: more.origin ?? CRM, isParent: more.isParent ?? true, data: { tieline: 1, type, id: "h1", data, ...more.message } });
  const init = () => hear("init", { protocol: 1, host: "plain" });
  return { guest, posted, acted, hear, init, pass: (ms: number) => (now += ms), last: () => posted.at(-1)?.message };
}

describe("the desk in a frame", () => {
  it("answers the page that may frame it, by its name only", () => {
    const { guest, posted, init } = frame();
    guest.tell("resize", { width: 1, height: 1 });
    expect(posted).toEqual([]);
    init();
    expect(posted.map(({ message, origin }) => [message.type, message.re, origin])).toEqual([["ready", "h1", CRM], ["resize", undefined, CRM]]);
  });

  it("does nothing for a stranger and tells it nothing, not even that it is there", () => {
    const { guest, posted, acted, hear, init } = frame();
    hear("init", { protocol: 1, host: "plain" }, { origin: "https://evil.example" });
    hear("dial", { number: "900123456" }, { origin: "https://evil.example" });
    hear("init", { protocol: 1, host: "plain" }, { origin: "null" });
    expect(posted).toEqual([]);
    init();
    // A window of the right origin that is not around the frame, and another allowed origin in the place of the first.
    hear("dial", { number: "605550142" }, { isParent: false });
    expect(acted).toEqual([]);
    expect(guest.refused).toBe(4);
    const two = frame([CRM, "https://erp.example"]);
    two.init();
    two.hear("dial", { number: "605550142" }, { origin: "https://erp.example" });
    expect(two.acted).toEqual([]);
  });

  it("answers what it does not know by an error that says what, and counts it", () => {
    const { guest, acted, hear, init, pass, last } = frame();
    hear("dial", { number: "605550142" });
    expect(last()?.data).toMatchObject({ code: "init_first" });
    init();
    const bad: [string, unknown, object, string][] = [
      ["steal", {}, {}, "unknown_message"],
      ["desk.state", {}, {}, "unknown_message"],
      ["__proto__", {}, {}, "unknown_message"],
      ["dial", {}, {}, "malformed"],
      ["dial", { number: 605550142 }, {}, "malformed"],
      ["dial", { number: "6".repeat(65) }, {}, "malformed"],
      ["dial", { number: "605550142", from: "1001" }, {}, "malformed"],
      ["dial", { number: "605550142", record: { type: "Contact" } }, {}, "malformed"],
      ["focus", [], {}, "malformed"],
      ["focus", {}, { tieline: 2 }, "version_unknown"],
      ["focus", {}, { id: 7 }, "malformed"],
      ["focus", {}, { extra: true }, "malformed"],
    ];
    for (const [type, data, message, code] of bad) {
      pass(1_000);
      hear(type, data, { message });
      expect(last()?.data, type).toMatchObject({ code });
      expect(faultOf("desk.error", last()?.data)).toBeNull();
    }
    expect(acted).toEqual([]);
    expect(guest.refused).toBe(bad.length + 1);
  });

  it("takes a bounded number of messages and answers a flood by few errors", () => {
    const { acted, hear, init, pass, posted } = frame();
    init();
    for (let n = 0; n < 1_000; n += 1) hear("focus");
    expect(acted).toHaveLength(BURST - 1);
    expect(posted.filter(({ message }) => message.type === "error")).toHaveLength(1);
    pass(1_000);
    for (let n = 0; n < 1_000; n += 1) hear("focus");
    expect(acted).toHaveLength(BURST - 1 + PER_SECOND);
  });

  it("takes every message of the page that fits its description", () => {
    const { acted, hear, init } = frame();
    init();
    const record = { type: "Contact", id: "003xx", name: "Jana" };
    hear("dial", { number: "tel:+420605550142", record });
    hear("record.shown", { record });
    hear("record.shown", { record: null });
    hear("log.saved", { call: "call_1", record });
    hear("log.failed", { call: "call_1", detail: "no" });
    hear("focus");
    hear("sign_out");
    expect(acted.map(({ type }) => type)).toEqual(["dial", "record.shown", "record.shown", "log.saved", "log.failed", "focus", "sign_out"]);
    expect(new Set(MESSAGES.filter((name) => name.startsWith("host."))).size).toBe(new Set(acted.map(({ type }) => type)).size + 1);
  });
});

describe("the description of the messages", () => {
  it("is checked to its last word", () => {
    const contact = { id: "con_1", name: "Jana", company: null, external_ids: [{ system: "salesforce", id: "003" }] };
    const call = { id: "call_1", direction: "inbound", number: "+420605550142", withheld: false, name: "Jana", dialled: null, queue: "Podpora", started_at: "2026-11-12T10:00:00Z", contact };
    expect(faultOf("desk.screen.pop", { call, url: null })).toBeNull();
    expect(faultOf("desk.screen.pop", { call: { ...call, contact: null }, url: "https://crm.example/1" })).toBeNull();
    expect(faultOf("desk.screen.pop", { call: { ...call, direction: "up" }, url: null })).toContain("data.call.direction");
    expect(faultOf("desk.screen.pop", { call: { ...call, contact: { ...contact, external_ids: [{}] } }, url: null })).toContain("external_ids[0].system is missing");
    expect(faultOf("desk.nothing", {})).toContain("there is no");
  });
});
