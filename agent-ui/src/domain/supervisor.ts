// The picture of a supervisor: agents as tiles, queues in figures, live calls as rows. Pure; "now" is handed in.
import type { components } from "../api/generated/rest";
import { partyName, phone } from "./format";
import { pauseLimitMs } from "./limits";
import { isSignedIn } from "./membership";
import type { ReasonView } from "./reasons";
import { chattingSince, isNotAnswering, isUnreachable, lookOf, pendingWord, stateSince, stateWord, type StateLook } from "./states";

type Schemas = components["schemas"];
export type AgentView = Schemas["AgentView"];
export type CallRow = Schemas["CallView"];
export type QueueNow = Schemas["QueueBoardView"];

/** What is counted on top of the page, in its order. */
export const LANES = ["ready", "chatting", "ringing", "talking", "wrap_up", "pause", "trouble", "logged_out"] as const;
export type Lane = (typeof LANES)[number];

/** Where a state stands: what wants somebody has a lane of its own. */
export function laneOf({ state }: Pick<AgentView, "state">): Lane {
  if (isUnreachable(state) || isNotAnswering(state)) return "trouble";
  switch (state.effective) {
    case "reserved":
    case "ringing":
      return "ringing";
    case "talking":
      return "talking";
    case "wrap_up":
      return "wrap_up";
    case "paused":
      return "pause";
    case "logged_out":
      return "logged_out";
    default:
      return chattingSince(state) === null ? "ready" : "chatting";
  }
}

/** Lanes to be shown: nobody chats in a house that has no chats. */
export const lanesOf = (agents: readonly Pick<AgentView, "state" | "profile">[]): readonly Lane[] =>
  agents.some((agent) => Boolean(agent.profile?.capacity?.chat) || laneOf(agent) === "chatting") ? LANES : LANES.filter((lane) => lane !== "chatting");

/** What is beside the agents to show them. */
export interface Around {
  calls: ReadonlyMap<string, CallRow>;
  queueName: (id: string) => string | undefined;
  deviceState: (id: string) => string | undefined;
  nameOf: (user: string | null | undefined, otherwise: string) => string;
  teamOf: (user: string | null | undefined) => string | null;
  reasons: readonly ReasonView[];
  /** A call longer than this is too long; 0 for never. */
  callLimitMs: number;
}

/** One agent as a tile shows it. */
export interface Tile {
  id: string;
  agent: AgentView;
  name: string;
  /** What people dial. */
  number: string | null;
  team: string | null;
  lane: Lane;
  look: StateLook;
  word: string;
  isUnreachable: boolean;
  /** What the call is about: its queue, or the other party of a direct one. */
  about: string | null;
  /** What comes after the present work. */
  later: string | null;
  since: string;
  /** Longer than this in the state is too long. */
  limitMs: number | null;
}

export function tilesOf(agents: readonly AgentView[], around: Around): Tile[] {
  return agents.map((agent) => tileOf(agent, around)).toSorted(byName);
}

const byName = (one: Tile, two: Tile): number => one.name.localeCompare(two.name) || one.id.localeCompare(two.id);

function tileOf(agent: AgentView, around: Around): Tile {
  const { state } = agent;
  const call = state.call ? around.calls.get(state.call) : undefined;
  const beside = { device: around.deviceState(agent.device), isDirect: call !== undefined && !call.queue };
  return {
    id: agent.id,
    agent,
    name: around.nameOf(agent.user, agent.name),
    number: agent.extension ?? null,
    team: around.teamOf(agent.user),
    lane: laneOf(agent),
    look: lookOf(state, around.reasons, beside),
    word: stateWord(state, around.reasons, beside),
    isUnreachable: isUnreachable(state),
    about: call === undefined ? null : aboutOf(call, around),
    later: pendingWord(agent, around.reasons),
    since: stateSince(state),
    limitMs: limitOf(agent, around),
  };
}

function aboutOf(call: CallRow, { queueName }: Around): string {
  const queue = call.queue ? queueName(call.queue) : undefined;
  return queue ?? otherEnd(call);
}

/** Whom the house talks to. */
export function otherEnd(call: CallRow): string {
  return call.direction === "outbound" ? phone(call.dialled) : partyName(call.calling, call.contact);
}

/** How long a state may last, where somebody said. */
export function limitOf({ state }: Pick<AgentView, "state">, { reasons, callLimitMs }: Pick<Around, "reasons" | "callLimitMs">): number | null {
  return state.effective === "talking" ? callLimitMs || null : pauseLimitMs(state, reasons);
}

export const countLanes = (tiles: readonly Tile[]): Record<Lane, number> =>
  Object.fromEntries(LANES.map((lane) => [lane, tiles.filter((tile) => tile.lane === lane).length])) as Record<Lane, number>;

/** Teams by name; whoever is in none comes last. */
export function byTeam(tiles: readonly Tile[]): { team: string | null; tiles: Tile[] }[] {
  const teams = [...new Set(tiles.map((tile) => tile.team))].toSorted((one, two) => Number(one === null) - Number(two === null) || (one ?? "").localeCompare(two ?? ""));
  return teams.map((team) => ({ team, tiles: tiles.filter((tile) => tile.team === team) }));
}

/** Ids of the tiles by lane, without lanes where nobody is. */
export function byLane(tiles: readonly Tile[]): { lane: Lane; ids: string[] }[] {
  const lanes = LANES.map((lane) => ({ lane, ids: tiles.filter((tile) => tile.lane === lane).map(({ id }) => id) }));
  return lanes.filter(({ ids }) => ids.length > 0);
}

/** What a tile must be of, to stand out; nothing chosen: all do. */
export interface Spot {
  lane: Lane | null;
  queue: string | null;
  /** Queues of the chosen project. */
  among?: readonly string[] | null;
  text: string;
}

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function isInSpot(tile: Tile, { lane, queue, among = null, text }: Spot): boolean {
  if (lane !== null && tile.lane !== lane) return false;
  if (queue !== null && !tile.agent.queues.some((one) => one.queue === queue)) return false;
  if (among !== null && !tile.agent.queues.some((one) => among.includes(one.queue) && isSignedIn(one))) return false;
  const wanted = plain(text.trim());
  return wanted === "" || plain(`${tile.name} ${tile.number ?? ""}`).includes(wanted);
}

/** A queue in figures, of this moment. */
export interface QueueFigures {
  id: string;
  name: string;
  /** Several queues may share one. */
  project: string | null;
  waiting: number;
  /** When the one who waits longest came; null when nobody waits. */
  oldest: string | null;
  /** All who are signed in, also those whom this reader may not see. */
  members: number;
  /** Signed in and not seen: the figures below are without them. */
  hidden: number;
  free: number;
  /** Reserved, ringing, talking, writing up. */
  busy: number;
  /** Signed in and neither paused nor out of reach: they will take a call, sooner or later. */
  left: number;
}

export function queueFigures(queues: readonly QueueNow[], agents: readonly AgentView[]): QueueFigures[] {
  return queues.map((now) => figuresOf(now, agents)).toSorted((one, two) => one.name.localeCompare(two.name) || one.id.localeCompare(two.id));
}

function figuresOf({ queue, waiting }: QueueNow, agents: readonly AgentView[]): QueueFigures {
  const seen = agents.flatMap((agent) => {
    const membership = agent.queues.find((one) => one.queue === queue.id);
    return membership === undefined ? [] : [{ agent, membership }];
  });
  const here = seen.filter(({ membership }) => isSignedIn(membership));
  const takes = here.filter(({ agent, membership }) => !membership.paused && agent.state.chosen === "ready" && !isUnreachable(agent.state));
  const busy = here.filter(({ agent }) => ["ringing", "talking", "wrap_up"].includes(laneOf(agent)));
  const oldest = waiting.map((entry) => entry.first_entered_at ?? entry.entered_at).toSorted().at(0);
  const hidden = Math.max(0, queue.members - seen.length);
  return {
    id: queue.id,
    name: queue.name,
    project: queue.project ?? null,
    waiting: waiting.length,
    oldest: oldest ?? null,
    members: here.length + hidden,
    hidden,
    free: takes.filter(({ agent }) => agent.state.effective === "ready").length,
    busy: busy.length,
    left: takes.length,
  };
}

/** A project in figures: its queues together. */
export interface ProjectFigures {
  name: string;
  queues: readonly string[];
  waiting: number;
  oldest: string | null;
  /** Who gave up today; null where that is not known. */
  missed: number | null;
}

export function projectFigures(figures: readonly QueueFigures[], missedOf: ((queue: string) => number) | null): ProjectFigures[] {
  const names = [...new Set(figures.flatMap(({ project }) => project ?? []))].toSorted((one, two) => one.localeCompare(two));
  return names.map((name) => {
    const own = figures.filter(({ project }) => project === name);
    return {
      name,
      queues: own.map(({ id }) => id),
      waiting: own.reduce((sum, one) => sum + one.waiting, 0),
      oldest: own.flatMap(({ oldest }) => oldest ?? []).toSorted().at(0) ?? null,
      missed: missedOf === null ? null : own.reduce((sum, one) => sum + missedOf(one.id), 0),
    };
  });
}

/** The projects whose queues an agent is signed in to, each once. */
export function projectsOf({ queues }: Pick<AgentView, "queues">, projectOf: (queue: string) => string | null): string[] {
  const names = queues.filter(isSignedIn).flatMap((one) => projectOf(one.queue) ?? []);
  return [...new Set(names)].toSorted((one, two) => one.localeCompare(two));
}

/** A live call in one line. */
export interface LiveCall {
  id: string;
  direction: string;
  who: string;
  number: string;
  queue: string | null;
  /** Who talks, or nobody yet. */
  agent: string | null;
  startedAt: string;
  /** From here the talk counts; null while it waits or rings. */
  answeredAt: string | null;
}

/** Live calls, the oldest first: the order never changes while they live. */
export function liveCalls(calls: readonly CallRow[], agentName: (call: CallRow) => string | null, queueName: (id: string) => string | undefined): LiveCall[] {
  const live = calls.filter((call) => call.state === "live").toSorted((one, two) => one.started_at.localeCompare(two.started_at) || one.id.localeCompare(two.id));
  return live.map((call) => ({
    id: call.id,
    direction: call.direction,
    who: otherEnd(call),
    number: phone(call.direction === "outbound" ? call.dialled : call.calling.number),
    queue: (call.queue ? queueName(call.queue) : null) ?? null,
    agent: agentName(call),
    startedAt: call.started_at,
    answeredAt: call.answered_at ?? null,
  }));
}

/** Who waits, in all queues, the longest first. */
export interface WaitingCaller {
  id: string;
  who: string;
  queue: string;
  queueId: string;
  /** We distribute, and so can say why it waits. */
  isOurs: boolean;
  since: string;
}

export function waitingCallers(queues: readonly QueueNow[]): WaitingCaller[] {
  const all = queues.flatMap(({ queue, waiting }) => waiting.map((entry) => ({
    id: entry.id,
    who: partyName(entry.calling),
    queue: queue.name,
    queueId: queue.id,
    isOurs: queue.kind === "owned",
    since: entry.first_entered_at ?? entry.entered_at,
  })));
  return all.toSorted((one, two) => one.since.localeCompare(two.since) || one.id.localeCompare(two.id));
}

/** What was done today. */
export interface DayFigures {
  answered: number;
  made: number;
}

/** Calls of the day by agent: answered by it, made by it. */
export function dayOf(calls: readonly CallRow[]): ReadonlyMap<string, DayFigures> {
  const figures = new Map<string, DayFigures>();
  for (const call of calls) {
    if (!call.agent) continue;
    const one = figures.get(call.agent) ?? { answered: 0, made: 0 };
    const isMade = call.direction === "outbound";
    if (isMade || call.answered_at) figures.set(call.agent, { answered: one.answered + Number(!isMade), made: one.made + Number(isMade) });
  }
  return figures;
}
