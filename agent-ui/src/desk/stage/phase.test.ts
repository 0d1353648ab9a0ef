// covers: AGT-03
import { expect, it } from "vitest";
import type { CallDetail, PopView } from "../../api/types";
import { phaseOf } from "./phase";

const MINE = { user: "usr_1", agent: "agt_1", device: "dev_1" };
const call = (state: string, mine: string, ended = false): CallDetail =>
  ({ id: "call_1", state, legs: [{ device: "dev_1", state: mine, ended_at: ended ? "2026-11-28T05:00:00Z" : null }, { device: "dev_2", state: "connected" }] }) as unknown as CallDetail;
const POP = { state: "shown" } as PopView;

it("a call rings, lives, is written up and is over", () => {
  expect(phaseOf(undefined, undefined, MINE, null)).toBe("loading");
  expect(phaseOf(call("live", "alerting"), POP, MINE, null)).toBe("ringing");
  expect(phaseOf(call("live", "connected"), POP, MINE, null)).toBe("live");
  expect(phaseOf(call("ended", "null", true), undefined, MINE, "call_1")).toBe("wrap_up");
  expect(phaseOf(call("ended", "null", true), undefined, MINE, null)).toBe("ended");
});

it("who handed a call over writes it up while it goes on, until it comes back", () => {
  expect(phaseOf(call("live", "null", true), POP, MINE, "call_1")).toBe("wrap_up");
  expect(phaseOf(call("live", "alerting"), POP, MINE, "call_1")).toBe("ringing");
  expect(phaseOf(call("live", "null", true), undefined, MINE, null)).toBe("live");
});
