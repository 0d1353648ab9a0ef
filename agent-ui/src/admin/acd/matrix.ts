// Who works in a queue, how high they stand there and what they can do: the changes of a matrix, row by row. Pure.
import type { AgentProfile, AgentView } from "../../api/types";

/** What was changed of one agent; what is not there stays as it is. */
export interface RowChange {
  member?: boolean;
  level?: number;
  skills?: Record<string, number>;
  groups?: string[];
}

export type Changes = Record<string, RowChange>;

export interface MatrixRow {
  agent: AgentView;
  isMember: boolean;
  isSignedIn: boolean;
  level: number;
  skills: Record<string, number>;
  groups: readonly string[];
  isChanged: boolean;
}

export function rowOf(agent: AgentView, queue: string, change: RowChange | undefined): MatrixRow {
  const membership = agent.queues.find((one) => one.queue === queue);
  return {
    agent,
    isMember: change?.member ?? membership !== undefined,
    isSignedIn: membership?.signed_in ?? true,
    level: change?.level ?? membership?.level ?? 0,
    skills: change?.skills ?? agent.profile.skills,
    groups: change?.groups ?? agent.profile.groups,
    isChanged: change !== undefined,
  };
}

/** Every skill that somebody has, was given here, or the queue needs; in the order of the alphabet. */
export function skillsOf(agents: readonly AgentView[], changes: Changes, more: readonly string[]): string[] {
  const known = agents.flatMap((agent) => Object.keys(agent.profile.skills));
  const typed = Object.values(changes).flatMap((change) => Object.keys(change.skills ?? {}));
  return [...new Set([...known, ...typed, ...more])].toSorted((a, b) => a.localeCompare(b));
}

/** A skill of a level, or gone at level 0. */
export function withSkill(skills: Record<string, number>, skill: string, level: number): Record<string, number> {
  const rest = Object.fromEntries(Object.entries(skills).filter(([name]) => name !== skill));
  return level === 0 ? rest : { ...rest, [skill]: level };
}

/** The changes with one more; a row that is as it was is no change. */
export function changed(changes: Changes, agent: AgentView, queue: string, change: RowChange): Changes {
  const wanted = { ...changes[agent.id], ...change };
  const before = rowOf(agent, queue, undefined);
  const after = rowOf(agent, queue, wanted);
  const rest = Object.fromEntries(Object.entries(changes).filter(([id]) => id !== agent.id));
  return isAs(before, after) ? rest : { ...rest, [agent.id]: wanted };
}

function isAs(a: MatrixRow, b: MatrixRow): boolean {
  const skills = (row: MatrixRow) => JSON.stringify(Object.entries(row.skills).toSorted());
  return a.isMember === b.isMember && (!a.isMember || a.level === b.level) && skills(a) === skills(b) && a.groups.join() === b.groups.join();
}

export type Step = { kind: "join"; body: { signed_in: boolean; level: number } } | { kind: "leave" } | { kind: "profile"; profile: AgentProfile };

/** What has to be asked of the server for one row, in order. */
export function stepsOf(agent: AgentView, queue: string, change: RowChange): Step[] {
  const before = rowOf(agent, queue, undefined);
  const after = rowOf(agent, queue, change);
  const steps: Step[] = [];
  if (before.isMember && !after.isMember) steps.push({ kind: "leave" });
  if (after.isMember && (!before.isMember || before.level !== after.level)) steps.push({ kind: "join", body: { signed_in: after.isSignedIn, level: after.level } });
  if (change.skills !== undefined || change.groups !== undefined) steps.push({ kind: "profile", profile: { ...agent.profile, skills: after.skills, groups: [...after.groups] } });
  return steps;
}
