import type { PopLogView, PopRule, SetupView } from "../../api/types";

export const FIRST_POP_STEPS = ["link", "people", "phone", "rule", "call"] as const;
export type FirstPopStep = (typeof FIRST_POP_STEPS)[number];

/** What the first pop is judged by; a part that is not read yet is `undefined`. */
export interface FirstPopFacts {
  counts: SetupView["counts"] | undefined;
  /** A phone of the asking person. */
  my_device: string | null | undefined;
  rules: readonly PopRule[] | undefined;
  pops: readonly PopLogView[] | undefined;
  /** Phones with a person. */
  mapped: number | undefined;
}

export type StepState = "done" | "next" | "open";

/** The five steps to the first pop, ticked by facts: the first one that is not done is the next one. */
export function firstPop(facts: FirstPopFacts): Record<FirstPopStep, StepState> {
  const done: Record<FirstPopStep, boolean> = {
    link: (facts.counts?.links_up ?? 0) > 0,
    people: (facts.mapped ?? 0) > 0,
    phone: Boolean(facts.my_device),
    rule: facts.rules?.some((rule) => rule.active) ?? false,
    call: facts.pops?.some((pop) => pop.state !== "suppressed") ?? false,
  };
  const next = FIRST_POP_STEPS.find((step) => !done[step]);
  const state = (step: FirstPopStep): StepState => (done[step] ? "done" : step === next ? "next" : "open");
  return { link: state("link"), people: state("people"), phone: state("phone"), rule: state("rule"), call: state("call") };
}
