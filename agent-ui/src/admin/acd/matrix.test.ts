import { describe, expect, it } from "vitest";
import type { AgentView } from "../../api/types";
import { changed, groupsChange, rowOf, skillsOf, stepsOf, unsaved } from "./matrix";

const AGENT: AgentView = {
  id: "agt_1", device: "dev_1", extension: "1001", name: "Anna", origin: "pbx",
  profile: { capacity: {}, groups: ["praha"], skills: { german: 3 }, unit: null },
  queues: [{ agent: "agt_1", queue: "q1", dynamic: true, level: 2, paused: false, signed_in: false }],
  state: { chosen: "ready", effective: "ready", since: "2026-11-27T10:00:00Z" },
};

describe("the matrix of agents, levels and skills", () => {
  // covers: ADM-17 RTE-08
  it("a cell that is set back is no change", () => {
    const one = changed({}, AGENT, "q1", { level: 5 });
    expect(rowOf(AGENT, "q1", one.agt_1)).toMatchObject({ level: 5, isMember: true, isChanged: true });
    expect(changed(one, AGENT, "q1", { level: 2 })).toEqual({});
    expect(changed({}, AGENT, "q1", { skills: { german: 3 } })).toEqual({});
  });

  it("a new level keeps whether somebody is signed in", () => {
    expect(stepsOf(AGENT, "q1", { level: 0 })).toEqual([{ kind: "join", body: { signed_in: false, level: 0 } }]);
  });

  it("who joins is signed in, who leaves is taken out, and a level without a membership is none", () => {
    expect(stepsOf(AGENT, "q2", { member: true, level: 1 })).toEqual([{ kind: "join", body: { signed_in: true, level: 1 } }]);
    expect(stepsOf(AGENT, "q1", { member: false })).toEqual([{ kind: "leave" }]);
    expect(changed({}, AGENT, "q2", { level: 4 })).toEqual({});
  });

  it("a skill of level 0 is gone, and the rest of a profile stays", () => {
    expect(stepsOf(AGENT, "q1", { skills: { german: 0, billing: 2 } })).toEqual([{ kind: "profile", profile: { capacity: {}, groups: ["praha"], skills: { billing: 2 }, unit: null } }]);
  });

  it("cells of one row add up, and a group that comes back is no change", () => {
    const one = changed({}, AGENT, "q1", { skills: { german: 4 } });
    const two = changed(one, AGENT, "q1", { skills: { billing: 1 }, groups: groupsChange(AGENT, ["brno"]) });
    expect(rowOf(AGENT, "q1", two.agt_1)).toMatchObject({ skills: { german: 4, billing: 1 }, groups: ["brno"] });
    expect(changed({}, AGENT, "q1", { groups: groupsChange(AGENT, ["praha"]) })).toEqual({});
  });

  it("an agent is of the unit that is written, or of none of its own", () => {
    expect(stepsOf(AGENT, "q1", { unit: "Brno" })).toMatchObject([{ profile: { unit: "Brno", skills: { german: 3 } } }]);
    expect(changed({}, AGENT, "q1", { unit: null })).toEqual({});
  });

  it("what others gave an agent meanwhile stays", () => {
    const { agt_1: change } = changed({}, AGENT, "q1", { skills: { german: 5 }, groups: groupsChange(AGENT, ["praha", "brno"]), level: 1 });
    const now: AgentView = { ...AGENT, profile: { capacity: { chat: 2 }, groups: ["praha", "noc"], skills: { german: 3, italian: 2 }, unit: "Brno" }, queues: AGENT.queues.map((one) => ({ ...one, signed_in: true })) };
    expect(stepsOf(now, "q1", change ?? {})).toEqual([
      { kind: "profile", profile: { capacity: { chat: 2 }, groups: ["praha", "noc", "brno"], skills: { german: 5, italian: 2 }, unit: "Brno" } },
      { kind: "join", body: { signed_in: true, level: 1 } },
    ]);
  });

  it("rows that were refused or typed in while they were saved stay changed", () => {
    const sent = { a: { level: 1 }, b: { level: 2 }, c: { level: 3 } };
    expect(unsaved({ ...sent, c: { level: 4 }, d: { level: 5 } }, sent, { b: "refused" })).toEqual({ b: { level: 2 }, c: { level: 4 }, d: { level: 5 } });
  });

  it("columns are every skill that somebody has or the queue needs", () => {
    expect(skillsOf([AGENT], { agt_2: { skills: { italian: 1 } } }, ["billing"])).toEqual(["billing", "german", "italian"]);
  });
});
