// What is known of an agent beside the state: who chose it, and what comes after the present work.
import type { components } from "../api/generated/rest";

type AgentView = components["schemas"]["AgentView"];

/** A state as a person chooses it. */
export interface Choice {
  /** `ready`, `paused`, `logged_out`. */
  state: string;
  reason: string | null;
}

/** An agent as far as its state goes. */
export type WithState = Pick<AgentView, "state">;

/** A field that newer servers tell, beside the agent or in its state. */
function told(agent: WithState, name: string): unknown {
  const [beside, inside] = [agent, agent.state] as unknown as Record<string, unknown>[];
  return beside?.[name] ?? inside?.[name];
}

/** True when the server itself keeps what was chosen for later; otherwise every wish counts at once. */
export function keepsWishes(agent: WithState): boolean {
  return "pending" in agent || "pending" in agent.state;
}

/** What was chosen for the time after the present work. */
export function pendingOf(agent: WithState): Choice | null {
  const wish = told(agent, "pending");
  if (typeof wish === "string") return { state: wish, reason: null };
  if (typeof wish !== "object" || wish === null) return null;
  const { state, chosen, reason } = wish as { state?: unknown; chosen?: unknown; reason?: unknown };
  const word = state ?? chosen;
  return typeof word === "string" ? { state: word, reason: typeof reason === "string" ? reason : null } : null;
}

/** The person who chose the state; null when nobody did, or nobody says. */
export function setBy(agent: WithState): string | null {
  const actor = told(agent, "set_by");
  if (typeof actor === "string") return actor.startsWith("usr_") ? actor : null;
  if (typeof actor !== "object" || actor === null) return null;
  const { user, id } = actor as { user?: unknown; id?: unknown };
  const person = user ?? id;
  return typeof person === "string" ? person : null;
}

/** The rule that chose it, where no person did: `no_answer`, `limit`, `return`, … */
export function ruleOf(agent: WithState): string | null {
  const rule = told(agent, "rule");
  return typeof rule === "string" ? rule : null;
}

/** Level by skill, the best first. */
export function skillsOf(agent: WithState): [skill: string, level: number][] {
  const skills = told(agent, "skills");
  if (typeof skills !== "object" || skills === null) return [];
  const levels = Object.entries(skills).filter((one): one is [string, number] => typeof one[1] === "number");
  return levels.toSorted((one, two) => two[1] - one[1] || one[0].localeCompare(two[0]));
}

/** At work: a call rings, runs, or is written up. A wish may wait for its end. */
export const isAtWork = ({ state }: WithState): boolean => ["reserved", "ringing", "talking", "wrap_up"].includes(state.effective);
