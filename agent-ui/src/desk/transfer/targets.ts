// Whom a call can go to, in sections that keep their order. Pure.
import type { AgentView, DeviceView, QueueNow } from "../../live/frames";

export interface Target {
  id: string;
  kind: "agent" | "line" | "queue" | "project" | "number";
  name: string;
  /** What is dialled; null when nothing is known to reach it. */
  number: string | null;
  agent?: AgentView;
  device?: DeviceView;
  queue?: QueueNow;
  /** Who waits in the queues of a project. */
  waiting?: number;
}

export interface Targets {
  favourites: Target[];
  team: Target[];
  lines: Target[];
  queues: Target[];
}

const byName = (a: Target, b: Target): number => a.name.localeCompare(b.name) || a.id.localeCompare(b.id);
const isDialable = (text: string): boolean => /^[\d*#+]{1,20}$/.test(text);

interface Around {
  agents: readonly AgentView[];
  devices: ReadonlyMap<string, DeviceView>;
  queues: readonly QueueNow[];
  /** The name of the person, or what the PBX says. */
  nameOf: (user: string | null | undefined, otherwise: string) => string;
  /** My own agent and phone are no targets. */
  mine: { agent: string | null | undefined; device: string | null | undefined };
}

export function allTargets({ agents, devices, queues, nameOf, mine }: Around): Target[] {
  const taken = new Set(agents.map((agent) => agent.device));
  const people = agents.filter((agent) => agent.id !== mine.agent && agent.device !== mine.device).map((agent): Target => {
    const device = devices.get(agent.device);
    return { id: agent.id, kind: "agent", name: nameOf(agent.user, agent.name), number: agent.extension ?? device?.extension ?? null, agent, ...(device === undefined ? {} : { device }) };
  });
  const lines = [...devices.values()].filter((device) => device.extension && !taken.has(device.id) && device.id !== mine.device).map((device): Target => ({ id: device.id, kind: "line", name: nameOf(device.user, device.name ?? device.extension ?? device.pbx_id), number: device.extension ?? null, device }));
  const groups = queues.map((queue): Target => ({ id: queue.queue.id, kind: "queue", name: queue.queue.name, number: isDialable(queue.queue.pbx_id) ? queue.queue.pbx_id : null, queue }));
  return [...people, ...lines, ...groups].toSorted(byName);
}

/** The projects of our own queues: the server finds the queue by the call. Only for calls that are handed on. */
export function projectTargets(queues: readonly QueueNow[]): Target[] {
  const names = new Set(queues.flatMap(({ queue }) => (queue.project ? [queue.project] : [])));
  return [...names].toSorted((a, b) => a.localeCompare(b)).map((name) => ({ id: `project:${name}`, kind: "project", name, number: null, waiting: queues.filter(({ queue }) => queue.project === name).reduce((sum, one) => sum + one.waiting.length, 0) }));
}

/** What the command says of a target; null when nothing is known to reach it. */
export function placeOf({ kind, name, number }: Target): { to: string } | { project: string } | null {
  if (kind === "project") return { project: name };
  return number === null ? null : { to: number };
}

export function sections(all: readonly Target[], favourites: readonly string[], text: string): Targets {
  const wanted = text.trim().toLocaleLowerCase();
  const found = all.filter((one) => wanted === "" || one.name.toLocaleLowerCase().includes(wanted) || (one.number ?? "").includes(wanted.replace(/\s/g, "")));
  const stars = new Set(favourites);
  const rest = found.filter((one) => !stars.has(one.id));
  return {
    favourites: found.filter((one) => stars.has(one.id)),
    team: rest.filter((one) => one.kind === "agent"),
    lines: rest.filter((one) => one.kind === "line"),
    queues: rest.filter((one) => one.kind === "queue" || one.kind === "project"),
  };
}

/** Favourites with or without this one; at most 100. */
export function toggled(favourites: readonly string[], id: string): string[] {
  return favourites.includes(id) ? favourites.filter((one) => one !== id) : [...favourites, id].slice(-100);
}
