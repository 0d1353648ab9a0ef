// covers: AGT-01 AGT-07
import { describe, expect, it } from "vitest";
import { keepsWishes, pendingOf, setBy, skillsOf } from "./agent";
import { readReason } from "./reasons";
import { isNotAnswering, lookOf, pendingWord, stateWord } from "./states";

const reason = (code: string, more: object) => readReason({ code, labels: { en: code }, active: true, by_system: false, paid: true, productive: false, position: 1, ...more });
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

  it("name what the server keeps for later, and nothing else", () => {
    const kept = (pending: unknown) => ({ state: state("talking", { chosen: "paused", reason: "lunch", pending }) });
    expect(pendingWord(kept({ state: "ready" }), reasons)).toBe("Ready");
    expect(pendingWord(kept({ state: "paused", reason: "meeting" }), reasons)).toBe("meeting");
    expect(pendingWord(kept(null), reasons)).toBeNull();
    expect([keepsWishes(kept(null)), keepsWishes({ state: state("talking") })]).toEqual([true, false]);
    expect(pendingOf({ state: state("ready"), pending: "logged_out" } as never)).toEqual({ state: "logged_out", reason: null });
  });

  it("show an offer that does not ring yet, and who does not take calls", () => {
    expect(lookOf(state("reserved"), reasons)).toBe("reserved");
    const missed = state("paused", { chosen: "paused", reason: "no_answer" });
    expect([lookOf(missed, reasons), stateWord(missed, reasons), isNotAnswering(missed)]).toEqual(["not_responding", "Not answering", true]);
  });

  it("tell who chose them, and what the agent can", () => {
    const by = (set_by: unknown) => setBy({ state: state("paused", { set_by }) });
    expect([by("usr_1"), by({ user: "usr_2" }), by("system"), by(undefined)]).toEqual(["usr_1", "usr_2", null, null]);
    expect(skillsOf({ state: state("ready"), skills: { german: 3, claims: 8 } } as never)).toEqual([["claims", 8], ["german", 3]]);
  });
});

// covers: AGT-07
describe("reasons of pauses", () => {
  it("are read with one name and a key, and with words by language and a code", () => {
    expect(readReason({ key: "lunch", name: "Oběd", paid: false, limit_min: 30, code: 12, active: true, productive: false })).toMatchObject({ key: "lunch", name: "Oběd", limitMin: 30, paid: false });
    expect(readReason({ code: "lunch", labels: { en: "Lunch" }, max_minutes: 30 })).toMatchObject({ key: "lunch", labels: { en: "Lunch" }, limitMin: 30 });
  });
});
