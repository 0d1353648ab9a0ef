// covers: AGT-01 AGT-07
import { describe, expect, it } from "vitest";
import { lookOf, pendingWord, type ReasonView, stateWord } from "./states";

const reason = (code: string, more: Partial<ReasonView>): ReasonView => ({ code, labels: { en: code }, active: true, by_system: false, paid: true, productive: false, position: 1, ...more });
const reasons = [reason("lunch", { paid: false, labels: { en: "Lunch", cs: "Oběd" } }), reason("meeting", { productive: true }), reason("break", {}), reason("not_answering", { by_system: true })];
const state = (effective: string, more: object = {}) => ({ chosen: "ready", effective, since: "2026-11-12T10:00:00Z", ...more });

describe("states of agents", () => {
  it("look by what their pause counts as", () => {
    const pause = (code: string) => lookOf(state("paused", { chosen: "paused", reason: code }), reasons);
    expect(["lunch", "meeting", "break", "not_answering", "x"].map(pause)).toEqual(["pause_private", "pause_work", "pause", "not_responding", "pause"]);
  });

  it("tell queue, direct and held calls apart where that is known", () => {
    expect(lookOf(state("talking"), reasons)).toBe("talking");
    expect(lookOf(state("talking"), reasons, { isDirect: true })).toBe("talking_direct");
    expect(lookOf(state("talking"), reasons, { device: "held" })).toBe("hold");
  });

  it("have the reason as their word, in the language of the page", () => {
    expect(stateWord(state("paused", { chosen: "paused", reason: "lunch" }), reasons)).toBe("Lunch");
    expect(stateWord(state("unreachable"), reasons)).toBe("Phone offline");
  });

  it("say what comes after the call only when it is not Ready", () => {
    expect(pendingWord(state("talking", { chosen: "paused", reason: "lunch" }), reasons)).toBe("Lunch");
    expect(pendingWord(state("talking"), reasons)).toBeNull();
    expect(pendingWord(state("paused", { chosen: "paused" }), reasons)).toBeNull();
  });
});
