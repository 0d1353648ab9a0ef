// covers: POP-19
import { expect, it } from "vitest";
import { askedFor, callerText, type JournalView, kindOf, peopleOf } from "./journal";

const row = (more: Partial<JournalView>): JournalView => ({
  call: "call_1",
  type: "received",
  caller: { number: { raw: "605550142", e164: "+420605550142", kind: "external" }, withheld: false },
  started_at: "2026-11-20T09:00:00Z",
  ended_at: "2026-11-20T09:01:00Z",
  length_ms: 1_000,
  ring_ms: 10,
  internal: false,
  ...more,
});

it("calls missed what rang and ended without an answer, and nothing that still rings", () => {
  expect(kindOf(row({}))).toBe("received");
  expect(kindOf(row({ length_ms: 0 }))).toBe("missed");
  expect(kindOf(row({ length_ms: 0, ended_at: null }))).toBe("received");
  expect(kindOf(row({ type: "dialled", length_ms: 0 }))).toBe("dialled");
  expect(kindOf(row({ type: "internal" }))).toBe("internal");
});

it("asks for the days, the number and the person that were chosen", () => {
  expect(askedFor({ from: "2026-11-20" })).toEqual({ from: new Date(2026, 10, 20).toISOString() });
  expect(askedFor({ from: "2026-1", number: "  ", user: undefined })).toEqual({});
  expect(askedFor({ number: " 605 550 142 ", user: "usr_1" })).toEqual({ number: "605 550 142", user: "usr_1" });
});

it("writes a caller by number, and says when it is withheld", () => {
  expect(callerText(row({}))).toBe("+420\u00a0605\u00a0550\u00a0142");
  expect(callerText(row({ caller: { withheld: true } }))).toBe("Number withheld");
});

it("offers each person once, by name", () => {
  expect(peopleOf([{ id: "b", name: "Boris" }], [{ id: "b", name: "PBX 2" }, { id: "a", name: "Anna" }]).map((one) => one.name)).toEqual(["Anna", "Boris"]);
});
