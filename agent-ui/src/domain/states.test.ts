// covers: AGT-01 AGT-07
import { describe, expect, it } from "vitest";
import { keepsWishes, ruleOf, setBy, skillsOf } from "./agent";
import type { ReasonView } from "./reasons";
import { isNotAnswering, lookOf, pendingWord, stateWord } from "./states";

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
    expect(pendingWord({ state: state("talking", { chosen: "paused", reason: "lunch" }) }, reasons)).toBe("Lunch");
    expect(pendingWord({ state: state("talking") }, reasons)).toBeNull();
    expect(pendingWord({ state: state("paused", { chosen: "paused" }) }, reasons)).toBeNull();
  });

  it("name what the server keeps for later before what was chosen at once", () => {
    const kept = (pending: unknown) => ({ state: state("talking", { chosen: "paused", reason: "lunch", pending }) });
    expect(pendingWord(kept({ state: "ready" }), reasons)).toBe("Ready");
    expect(pendingWord(kept({ state: "paused", reason: "meeting" }), reasons)).toBe("meeting");
    expect(pendingWord(kept(undefined), reasons)).toBe("Lunch");
    const idle = { state: state("paused", { chosen: "paused", reason: "lunch" }), profile: {} };
    expect([pendingWord(idle, reasons), keepsWishes(idle), keepsWishes(kept(null))]).toEqual([null, true, false]);
  });

  it("show an offer that does not ring yet, and who does not take calls", () => {
    expect(lookOf(state("reserved"), reasons)).toBe("reserved");
    const missed = state("paused", { chosen: "paused", reason: "no_answer" });
    expect([lookOf(missed, reasons), stateWord(missed, reasons), isNotAnswering(missed)]).toEqual(["not_responding", "Not answering", true]);
  });

  it("tell who or what chose them, and what the agent can", () => {
    const by = (set_by: unknown) => setBy({ state: state("paused", { will: { set_by } }) });
    expect([by({ user: "usr_2" }), by({ token: "crm" }), by("system"), by(undefined)]).toEqual(["usr_2", null, null, null]);
    expect(ruleOf({ state: state("paused", { will: { set_by: "system", rule: "no_answer" } }) })).toBe("no_answer");
    const skilled = { state: state("ready"), profile: { skills: { german: 3, claims: 8 } } };
    expect(skillsOf(skilled)).toEqual([["claims", 8], ["german", 3]]);
  });
});
