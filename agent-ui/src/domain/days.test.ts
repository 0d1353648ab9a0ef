import { expect, it } from "vitest";
import { dayOf, isBackwards, span } from "./days";

it("asks for whole days where the person is, also over a change of the clocks", () => {
  expect(span({ from: "2026-10-25", to: "2026-10-25" })).toEqual({ from: new Date(2026, 9, 25).toISOString(), to: new Date(2026, 9, 26).toISOString() });
  expect(span({ from: "2026-1" })).toEqual({});
});

it("sees that the days stand the wrong way round", () => {
  expect(isBackwards({ from: "2026-11-21", to: "2026-11-20" })).toBe(true);
  expect(isBackwards({ from: "2026-11-20", to: "2026-11-20" })).toBe(false);
  expect(isBackwards({ to: "2026-11-20" })).toBe(false);
});

it("names the day of a moment as a date field does", () => {
  expect(dayOf(new Date(2026, 0, 5, 23, 59).getTime())).toBe("2026-01-05");
});
