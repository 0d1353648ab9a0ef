import { expect, test } from "vitest";
import { hearingAfter, hearingOf } from "./listening";

const observed = (call: string, by: string, mode?: string) => ({ type: "call.observed", data: { call, by, mode } });
const ended = (call: string, by: string) => ({ type: "call.observation_ended", data: { call, by } });

// covers: TEL-16 S23
test("what the own phone hears is what the switch told last of it", () => {
  expect(hearingOf([observed("c1", "mine", "listen")], "mine")).toEqual({ call: "c1", mode: "listen" });
  expect(hearingOf([observed("c1", "mine", "listen"), observed("c1", "mine", "whisper")], "mine")).toEqual({ call: "c1", mode: "whisper" });
  expect(hearingOf([observed("c1", "mine", "listen"), ended("c1", "mine")], "mine")).toBeNull();
  expect(hearingOf([observed("c1", "other", "listen")], "mine")).toBeNull();
  expect(hearingOf([observed("c1", "mine")], "mine")).toEqual({ call: "c1", mode: null });
});

test("another call's end, and another phone's, end nothing", () => {
  const now = { call: "c1", mode: "listen" } as const;
  expect(hearingAfter(now, ended("c1", "other"), "mine")).toBe(now);
  expect(hearingAfter(now, ended("c2", "mine"), "mine")).toBe(now);
  expect(hearingAfter(now, { type: "call.ended", data: { call: "c2" } }, "mine")).toBe(now);
  expect(hearingAfter(now, { type: "call.ended", data: { call: "c1" } }, "mine")).toBeNull();
});
