import { expect, it } from "vitest";
import { refusedWords } from "./links";

it("names refused devices by the word of the switch, and counts those that are not listed", () => {
  const limit = "overallMonitorLimitExceeded";
  const refusals = [{ device: "1003", error: limit }, { device: "1999", error: "invalidDeviceID" }, { device: "1004", error: limit }];
  expect(refusedWords(refusals, 3)).toBe(`1003, 1004 (${limit}); 1999 (invalidDeviceID)`);
  expect(refusedWords(refusals.slice(0, 1), 60)).toBe(`1003 (${limit}); +59`);
});
