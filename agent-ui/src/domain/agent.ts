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

/** What a server tells that keeps the wishes of its agents; an older one leaves it out. */
interface Kept {
  profile?: { skills?: Record<string, number> };
}

interface KeptState {
  pending?: { state: string; reason?: string | null } | null;
  will?: { set_by?: unknown; rule?: string | null } | null;
}

const keptOf = (agent: WithState): Kept => agent as Kept;
const keptStateOf = ({ state }: WithState): KeptState => state as KeptState;

/** True when the server itself keeps what was chosen for later; otherwise every wish counts at once. */
export const keepsWishes = (agent: WithState): boolean => keptOf(agent).profile !== undefined;

/** What was chosen for the time after the present work. */
export function pendingOf(agent: WithState): Choice | null {
  const { pending } = keptStateOf(agent);
  return pending ? { state: pending.state, reason: pending.reason ?? null } : null;
}

/** The person who chose the state; null when nobody did, or nobody says. */
export function setBy(agent: WithState): string | null {
  const actor = keptStateOf(agent).will?.set_by;
  return typeof actor === "object" && actor !== null && "user" in actor && typeof actor.user === "string" ? actor.user : null;
}

/** The rule that chose it, where no person did: `no_answer`, `limit`, `return`, … */
export const ruleOf = (agent: WithState): string | null => keptStateOf(agent).will?.rule ?? null;

/** Level by skill, the best first. */
export function skillsOf(agent: WithState): [skill: string, level: number][] {
  const levels = Object.entries(keptOf(agent).profile?.skills ?? {});
  return levels.toSorted((one, two) => two[1] - one[1] || one[0].localeCompare(two[0]));
}

/** At work: a call rings, runs, or is written up. A wish may wait for its end. */
export const isAtWork = ({ state }: WithState): boolean => ["reserved", "ringing", "talking", "wrap_up"].includes(state.effective);
