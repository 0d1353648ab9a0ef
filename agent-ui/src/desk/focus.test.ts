import { describe, expect, it } from "vitest";
import { type FocusInput, nextShown, type Shown } from "./focus";

const quiet: FocusInput = { engaged: [], ringing: [], wrapUp: null, chosen: null, isSettled: true };
const shown = (call: string, wasEngaged = true, byHand = false): Shown => ({ call, wasEngaged, byHand });

describe("the stage", () => {
  it("is idle when nothing happens", () => {
    expect(nextShown(null, quiet)).toBeNull();
  });

  it("keeps one call from the ring to the end of wrap-up", () => {
    const ring = nextShown(null, { ...quiet, ringing: ["a"] });
    const talk = nextShown(ring, { ...quiet, engaged: ["a"] });
    const wrap = nextShown(talk, { ...quiet, wrapUp: "a" });
    expect([ring?.call, talk?.call, wrap?.call, nextShown(wrap, quiet)?.call]).toEqual(["a", "a", "a", "a"]);
  });

  it("leaves a call that only rang", () => {
    expect(nextShown(shown("a", false), quiet)).toBeNull();
  });

  it("stays with the caller while a colleague is consulted", () => {
    expect(nextShown(shown("a"), { ...quiet, engaged: ["a", "b"] })?.call).toBe("a");
  });

  it("does not leave a talk for a second ring", () => {
    expect(nextShown(shown("a"), { ...quiet, engaged: ["a"], ringing: ["b"] })?.call).toBe("a");
  });

  it("keeps the call while the server or the switch is away", () => {
    expect(nextShown(shown("a", false), { ...quiet, isSettled: false })?.call).toBe("a");
  });

  it("goes from an ended call to the next one that rings", () => {
    expect(nextShown(shown("a"), { ...quiet, ringing: ["b"] })?.call).toBe("b");
  });

  it("holds a choice until another call comes", () => {
    const chosen = { call: "old", amid: ["a"] };
    expect(nextShown(shown("a"), { ...quiet, engaged: ["a"], chosen })?.call).toBe("old");
    expect(nextShown(shown("old", false, true), { ...quiet, engaged: ["a"], ringing: ["b"], chosen })?.call).toBe("a");
  });
});
