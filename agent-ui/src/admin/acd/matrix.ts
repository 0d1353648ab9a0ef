// Who works in a queue, how high they stand there and what they can do: the changes of a matrix, row by row. Pure.
import type { AgentProfile, AgentView } from "../../api/types";

/** What was changed of one agent; what is not there stays as it is. */
export interface RowChange {
  member?: boolean;
  level?: number;
  /** The skills that were changed, 0 for one that is gone: others, given elsewhere meanwhile, stay. */
  skills?: Record<string, number>;
  /** Groups that were added, and taken away. */
  groups?: { more: string[]; less: string[] };
  /** The organisation unit; null for that of the queues. */
  unit?: string | null;
}

export type Changes = Record<string, RowChange>;

export interface MatrixRow {
  agent: AgentView;
  isMember: boolean;
  isSignedIn: boolean;
  level: number;
  skills: Record<string, number>;
  groups: readonly string[];
  unit: string | null;
  isChanged: boolean;
}

export function rowOf(agent: AgentView, queue: string, change: RowChange | undefined): MatrixRow {
  const membership = agent.queues.find((one) => one.queue === queue);
  return {
    agent,
    isMember: change?.member ?? membership !== undefined,
    isSignedIn: membership?.signed_in ?? true,
    level: change?.level ?? membership?.level ?? 0,
    skills: withSkills(agent.profile.skills, change?.skills ?? {}),
    groups: withGroups(agent.profile.groups, change?.groups ?? { more: [], less: [] }),
    unit: change?.unit === undefined ? (agent.profile.unit ?? null) : change.unit,
    isChanged: change !== undefined,
  };
}

/** Every skill that somebody has, was given here, or the queue needs; in the order of the alphabet. */
export function skillsOf(agents: readonly AgentView[], changes: Changes, more: readonly string[]): string[] {
  const known = agents.flatMap((agent) => Object.keys(agent.profile.skills));
  const typed = Object.values(changes).flatMap((change) => Object.keys(change.skills ?? {}));
  return [...new Set([...known, ...typed, ...more])].toSorted((a, b) => a.localeCompare(b));
}

function withSkills(skills: Record<string, number>, change: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries({ ...skills, ...change }).filter(([, level]) => level !== 0));
}

function withGroups(groups: readonly string[], { more, less }: { more: readonly string[]; less: readonly string[] }): string[] {
  return [...new Set([...groups.filter((one) => !less.includes(one)), ...more])];
}

/** What makes these groups of those an agent has. */
export function groupsChange(agent: AgentView, wanted: readonly string[]): { more: string[]; less: string[] } {
  const { groups } = agent.profile;
  return { more: wanted.filter((one) => !groups.includes(one)), less: groups.filter((one) => !wanted.includes(one)) };
}

/** The changes with one more; a row that is as it was is no change. */
export function changed(changes: Changes, agent: AgentView, queue: string, change: RowChange): Changes {
  const known = changes[agent.id];
  const wanted: RowChange = { ...known, ...change, ...(change.skills && { skills: { ...known?.skills, ...change.skills } }) };
  const before = rowOf(agent, queue, undefined);
  const after = rowOf(agent, queue, wanted);
  const rest = Object.fromEntries(Object.entries(changes).filter(([id]) => id !== agent.id));
  return isAs(before, after) ? rest : { ...rest, [agent.id]: wanted };
}

function isAs(a: MatrixRow, b: MatrixRow): boolean {
  const skills = (row: MatrixRow) => JSON.stringify(Object.entries(row.skills).toSorted());
  return a.isMember === b.isMember && (!a.isMember || a.level === b.level) && skills(a) === skills(b) && a.unit === b.unit && a.groups.toSorted().join() === b.groups.toSorted().join();
}

export type Step = { kind: "join"; body: { signed_in: boolean; level: number } } | { kind: "leave" } | { kind: "profile"; profile: AgentProfile };

/** What is still to be saved after some changes were: rows that were refused, and what was typed meanwhile. */
export function unsaved(now: Changes, sent: Changes, failed: Record<string, string>): Changes {
  return Object.fromEntries(Object.entries(now).filter(([id, change]) => id in failed || JSON.stringify(change) !== JSON.stringify(sent[id])));
}

/** What has to be asked of the server for one row, in order, given the agent as it is by now. */
export function stepsOf(agent: AgentView, queue: string, change: RowChange): Step[] {
  const before = rowOf(agent, queue, undefined);
  const after = rowOf(agent, queue, change);
  const steps: Step[] = [];
  // First, because it is written over the version that was read.
  if (change.skills !== undefined || change.groups !== undefined || change.unit !== undefined) steps.push({ kind: "profile", profile: { ...agent.profile, skills: after.skills, groups: [...after.groups], unit: after.unit } });
  if (before.isMember && !after.isMember) steps.push({ kind: "leave" });
  if (after.isMember && (!before.isMember || before.level !== after.level)) steps.push({ kind: "join", body: { signed_in: after.isSignedIn, level: after.level } });
  return steps;
}
