import { describe, expect, it } from "vitest";
import type { CommandView } from "../../api/types";
import { ringOf } from "./ring";

function command(state: string, ...steps: string[]): CommandView {
  const at = "2026-01-01T00:00:00Z";
  return { id: "cmd_1", command: "ring_device", state, steps: steps.map((step) => ({ step, at })), actor: {}, switch: "pbx", sent_at: at, deadline: at };
}

describe("the phone that is rung", () => {
  it("goes from asked over rings to answered", () => {
    expect(ringOf(command("sent"))).toEqual({ done: { asked: false, rings: false, answered: false }, outcome: "running" });
    expect(ringOf(command("accepted", "accepted", "own_ringing")).done).toEqual({ asked: true, rings: true, answered: false });
    expect(ringOf(command("succeeded", "accepted", "own_ringing", "own_answered")).outcome).toBe("answered");
  });

  it("fails when nobody answers or the switch refuses", () => {
    expect(ringOf(command("failed", "accepted", "own_ringing")).outcome).toBe("failed");
    expect(ringOf(command("outcome_unknown")).outcome).toBe("failed");
  });
});
