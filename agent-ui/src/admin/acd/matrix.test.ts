import { describe, expect, it } from "vitest";
import type { AgentView } from "../../api/types";
import { changed, rowOf, skillsOf, stepsOf, withSkill } from "./matrix";

const AGENT: AgentView = {
  id: "agt_1", device: "dev_1", extension: "1001", name: "Anna", origin: "pbx",
  profile: { capacity: {}, groups: ["praha"], skills: { german: 3 } },
  queues: [{ agent: "agt_1", queue: "q1", dynamic: true, level: 2, paused: false, signed_in: false }],
  state: { chosen: "ready", effective: "ready", since: "2026-11-27T10:00:00Z" },
};

describe("the matrix of agents, levels and skills", () => {
  // covers: ADM-17 RTE-08
  it("a cell that is set back is no change", () => {
    const one = changed({}, AGENT, "q1", { level: 5 });
    expect(rowOf(AGENT, "q1", one.agt_1)).toMatchObject({ level: 5, isMember: true, isChanged: true });
    expect(changed(one, AGENT, "q1", { level: 2 })).toEqual({});
    expect(changed({}, AGENT, "q1", { skills: withSkill({ german: 3 }, "german", 3) })).toEqual({});
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
    const skills = withSkill({ german: 3, billing: 2 }, "german", 0);
    expect(skills).toEqual({ billing: 2 });
    expect(stepsOf(AGENT, "q1", { skills })).toEqual([{ kind: "profile", profile: { capacity: {}, groups: ["praha"], skills: { billing: 2 } } }]);
  });

  it("columns are every skill that somebody has or the queue needs", () => {
    expect(skillsOf([AGENT], { agt_2: { skills: { italian: 1 } } }, ["billing"])).toEqual(["billing", "german", "italian"]);
  });
});
