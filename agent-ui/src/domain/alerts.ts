// What wants a supervisor: computed from the picture, told once, gone when it is over. Pure; "now" is handed in.
import { type ReasonView, reasonOf } from "./reasons";
import { isNotAnswering, isUnreachable } from "./states";
import type { AgentView, QueueFigures } from "./supervisor";

/** From when on somebody is told; 0 means never. */
export interface Limits {
  /** A call, minutes. */
  callMin: number;
  /** A pause whose reason has no limit of its own and is no work, minutes. */
  pauseMin: number;
  /** The longest wait of a queue, seconds. */
  waitS: number;
  /** Agents that a queue has left; null means never. */
  agentsLeft: number | null;
}

export const DEFAULT_LIMITS: Limits = { callMin: 10, pauseMin: 45, waitS: 120, agentsLeft: 1 };

export type AlertKind = "pause_over" | "call_over" | "wait_over" | "agents_left" | "not_answering" | "unreachable";

export interface Alert {
  /** The same as long as it is the same matter; another call, pause or caller is another matter. */
  id: string;
  kind: AlertKind;
  level: "warn" | "bad";
  agent: string | null;
  queue: string | null;
  /** When it began to want somebody, in ms; null when only the picture shows that it does. */
  since: number | null;
  /** From here its time counts: the pause, the call, the wait. */
  from: number | null;
  limitMs: number | null;
  /** Agents left in the queue. */
  left: number | null;
}

export interface Watched {
  agents: readonly AgentView[];
  queues: readonly QueueFigures[];
  reasons: readonly ReasonView[];
}

/** Everything that wants somebody at this moment. */
export function alertsOf({ agents, queues, reasons }: Watched, limits: Limits, now: number): Alert[] {
  return [...agents.flatMap((agent) => ofAgent(agent, reasons, limits, now)), ...queues.flatMap((queue) => ofQueue(queue, limits, now))];
}

const NOTHING = { agent: null, queue: null, since: null, from: null, limitMs: null, left: null };

function ofAgent({ id, state }: AgentView, reasons: readonly ReasonView[], limits: Limits, now: number): Alert[] {
  const from = Date.parse(state.since);
  const about = { ...NOTHING, agent: id, from };
  if (isUnreachable(state)) return [{ ...about, id: `unreachable:${id}:${state.since}`, kind: "unreachable", level: "warn", since: from }];
  if (isNotAnswering(state)) return [{ ...about, id: `not_answering:${id}:${state.since}`, kind: "not_answering", level: "bad", since: from }];
  if (state.effective === "talking") return over({ ...about, id: `call_over:${id}:${state.call ?? state.since}`, kind: "call_over" }, limits.callMin * 60_000, now);
  if (state.effective !== "paused") return [];
  const reason = reasonOf(state.reason, reasons);
  const minutes = reason?.max_minutes ?? (reason?.productive ? 0 : limits.pauseMin);
  return over({ ...about, id: `pause_over:${id}:${state.since}`, kind: "pause_over" }, minutes * 60_000, now);
}

function ofQueue(queue: QueueFigures, limits: Limits, now: number): Alert[] {
  const about = { ...NOTHING, queue: queue.id };
  const from = queue.oldest === null ? null : Date.parse(queue.oldest);
  const waits = from === null ? [] : over({ ...about, id: `wait_over:${queue.id}:${queue.oldest}`, kind: "wait_over", from }, limits.waitS * 1_000, now);
  // The limit of a queue is its own: nobody waits for the double.
  return [...waits.map((one) => ({ ...one, level: "bad" as const })), ...leftIn(queue, limits)];
}

/** Few or nobody left. Where members are hidden from this reader, nobody here can say. */
function leftIn(queue: QueueFigures, { agentsLeft }: Limits): Alert[] {
  if (agentsLeft === null || queue.hidden > 0 || queue.left > agentsLeft) return [];
  const level = queue.left === 0 && queue.waiting > 0 ? "bad" : "warn";
  return [{ ...NOTHING, id: `agents_left:${queue.id}:${queue.left}`, kind: "agents_left", queue: queue.id, level, left: queue.left }];
}

function over(matter: Omit<Alert, "level" | "from"> & { from: number }, limitMs: number, now: number): Alert[] {
  const lasted = now - matter.from;
  if (limitMs <= 0 || lasted <= limitMs) return [];
  return [{ ...matter, level: lasted > 2 * limitMs ? "bad" : "warn", since: matter.from + limitMs, limitMs }];
}

/** An alert that was raised, and stands until its matter is over. */
export interface Raised extends Alert {
  since: number;
}

export interface Step {
  /** In the order they were raised: a new one is the last, and moves no other. */
  open: readonly Raised[];
  /** To be told now, each once. */
  raised: readonly Raised[];
  cleared: readonly Raised[];
}

/** The next list of alerts after an earlier one. */
export function follow(before: readonly Raised[], current: readonly Alert[], now: number): Step {
  const fresh = new Map(current.map((one) => [one.id, one]));
  const known = new Set(before.map(({ id }) => id));
  const kept = before.flatMap((old) => {
    const one = fresh.get(old.id);
    if (one === undefined) return [];
    return one.level === old.level ? [old] : [{ ...one, since: old.since }];
  });
  const raised = current.filter(({ id }) => !known.has(id)).map((one) => ({ ...one, since: one.since ?? now })).toSorted((one, two) => one.since - two.since || one.id.localeCompare(two.id));
  const cleared = before.filter(({ id }) => !fresh.has(id));
  const isSame = raised.length === 0 && cleared.length === 0 && kept.every((one, at) => one === before[at]);
  return { open: isSame ? before : [...kept, ...raised], raised, cleared };
}
