import type { CommandView } from "../../api/types";

export type RingStep = "asked" | "rings" | "answered";
export type RingOutcome = "running" | "answered" | "failed";

/** How far the ringing of a phone has come, from its command. */
export function ringOf(command: CommandView): { done: Record<RingStep, boolean>; outcome: RingOutcome } {
  const reached = new Set(command.steps.map((step) => step.step));
  const answered = reached.has("own_answered") || reached.has("connected") || command.state === "succeeded";
  const rings = answered || reached.has("own_ringing");
  const isOver = command.state === "failed" || command.state === "outcome_unknown";
  return {
    done: { asked: rings || reached.has("accepted") || command.state !== "sent", rings, answered },
    outcome: answered ? "answered" : isOver ? "failed" : "running",
  };
}
