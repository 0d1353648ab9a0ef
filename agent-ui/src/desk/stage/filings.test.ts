// covers: INT-06
import { expect, it } from "vitest";
import { canAct, filingTone, isUnderWay } from "./filings";

it("what is filed or given up changes no more, and only what waits or was refused is acted on", () => {
  const states = ["waiting", "sending", "filed", "refused", "canceled"];
  expect(states.filter((state) => isUnderWay({ state }))).toEqual(["waiting", "sending"]);
  expect(states.filter((state) => canAct({ state }))).toEqual(["waiting", "refused"]);
});

it("a try that failed stands out before it is refused", () => {
  const problem = { kind: "unreachable", text: "no answer" };
  expect([filingTone({ state: "waiting" }), filingTone({ state: "waiting", problem }), filingTone({ state: "refused", problem }), filingTone({ state: "filed" })]).toEqual(["info", "warn", "bad", "good"]);
});
