// What the live view needs beside the stream: calls of others, the day, teams.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { everyPage, type Listed, queryText } from "../admin/data/pages";
import { usersQuery } from "../admin/data/queries";
import { call, ok, api } from "../api/client";
import { useLive, useLiveClient, useMe, useReasons, useRights } from "../app/hooks";
import { usePersonName } from "../app/people";
import { keepEqual } from "../app/same";
import { type CallRow, dayOf, type DayFigures, type QueueFigures, queueFigures, type QueueNow, type Tile, tilesOf } from "../domain/supervisor";

const LIVE_KEY = ["supervisor", "live_calls"];
/** What changes in the pictures of the stream is looked up at most so often. */
const LOOK_EVERY_MS = 400;
/** Calls that touch no agent, queue or phone of ours move no picture. */
const LOOK_ANYWAY_MS = 15_000;
const DAY_KEY = ["supervisor", "day"];
const DAY_EVERY_MS = 60_000;
const COUNT_EVERY_MS = 5_000;
/** The book has a call a moment after its end. */
const ENDED_WRITTEN_MS = 500;
const ROWS = 200;
/** Beyond so many pages the day is not counted: a figure of half a day would lie. */
const DAY_PAGES_MAX = 10;
const NO_CALLS: readonly CallRow[] = [];

/** Live calls that the reader may see, looked up again when the stream shows that something moved. */
export function useLiveCalls(): { calls: readonly CallRow[]; error: Error | null; retry: () => void } {
  const queries = useQueryClient();
  const { has } = useRights();
  const mayRead = has("call.read");
  const moved = useLive(({ parts }) => [parts.agents, parts.queues, parts.devices]);
  const { data, error, refetch } = useQuery({
    queryKey: LIVE_KEY,
    queryFn: async () => (await everyPage((cursor) => call<Listed<CallRow>>("GET", `/v1/calls${queryText({ state: "live", limit: ROWS, cursor })}`))).items,
    enabled: mayRead,
    refetchInterval: LOOK_ANYWAY_MS,
    staleTime: 0,
  });
  const lookedAt = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, lookedAt.current + LOOK_EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      lookedAt.current = Date.now();
      void queries.invalidateQueries({ queryKey: LIVE_KEY });
    }, wait);
    return () => clearTimeout(timer);
  }, [moved, queries]);
  useAfterEach(data?.length ?? 0);
  return { calls: data ?? NO_CALLS, error: data === undefined ? error : null, retry: () => void refetch() };
}

/** The figures of the day follow each end of a call, though not each of a crowd on its own. */
function useAfterEach(live: number): void {
  const queries = useQueryClient();
  const before = useRef(live);
  const countedAt = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    const hasEnded = live < before.current;
    before.current = live;
    if (!hasEnded || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      countedAt.current = Date.now();
      void queries.invalidateQueries({ queryKey: DAY_KEY });
    }, Math.max(ENDED_WRITTEN_MS, countedAt.current + COUNT_EVERY_MS - Date.now()));
  }, [live, queries]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

export interface Day {
  /** By agent; null when the day is not known. */
  agents: ReadonlyMap<string, DayFigures> | null;
  /** By queue; null when reports may not be read. */
  queues: ReadonlyMap<string, QueueDay> | null;
}

export interface QueueDay {
  answered: number;
  abandoned: number;
  /** Share from 0 to 1. */
  level: number | null;
}

/** Midnight where the reader is. */
function midnight(now: number): string {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  return day.toISOString();
}

/** What was done today. */
export function useDay(): Day {
  const { has } = useRights();
  const { clock } = useLiveClient();
  const calls = useQuery({
    queryKey: [...DAY_KEY, "calls"],
    queryFn: () => readDay(midnight(clock.now())),
    enabled: has("call.read"),
    refetchInterval: DAY_EVERY_MS,
  });
  const reports = useQuery({
    queryKey: [...DAY_KEY, "queues"],
    queryFn: async () => {
      const to = new Date(clock.now() + DAY_EVERY_MS).toISOString();
      return (await ok(api.GET("/v1/reports/queues", { params: { query: { from: midnight(clock.now()), to } } }))).items;
    },
    enabled: has("report.read"),
    refetchInterval: DAY_EVERY_MS,
  });
  const rows = reports.data;
  return useMemo(() => ({
    agents: calls.data ?? null,
    queues: rows === undefined ? null : new Map(rows.map((row) => [row.queue, { answered: row.answered, abandoned: row.abandoned, level: row.service_level.value ?? null }])),
  }), [calls.data, rows]);
}

async function readDay(from: string): Promise<ReadonlyMap<string, DayFigures> | null> {
  let pages = 0;
  const { items, cut } = await everyPage<CallRow>(async (cursor) => {
    pages += 1;
    if (pages > DAY_PAGES_MAX) return { items: [] };
    return call<Listed<CallRow>>("GET", `/v1/calls${queryText({ from, limit: ROWS, cursor })}`);
  });
  return cut || pages > DAY_PAGES_MAX ? null : dayOf(items);
}

/** The team of a person: from the list of people where it may be read, else the reader's own, when nobody else is seen. */
function useTeamOf(): (user: string | null | undefined) => string | null {
  const me = useMe();
  const { has } = useRights();
  const { data } = useQuery({ ...usersQuery, enabled: has("user.admin") });
  const isOwnTeam = !has("agent.read.site");
  return useMemo(() => {
    const teams = new Map((data?.items ?? []).map((user) => [user.id, user.team ?? null]));
    return (user) => (user ? (teams.get(user) ?? (isOwnTeam ? (me.team ?? null) : null)) : null);
  }, [data, isOwnTeam, me.team]);
}

export interface Picture {
  tiles: readonly Tile[];
  figures: readonly QueueFigures[];
  queues: readonly QueueNow[];
  queueName: (id: string) => string | undefined;
  projectOf: (queue: string) => string | null;
  /** True once agents and queues have been told. */
  isReady: boolean;
}

/** Agents and queues as they are now; what did not change stays the same object. */
export function usePicture(calls: readonly CallRow[], callLimitMs: number): Picture {
  const agents = useLive(({ parts }) => [...parts.agents.items.values()]);
  const queues = useLive(({ parts }) => [...parts.queues.items.values()]);
  const devices = useLive(({ parts }) => parts.devices.items);
  const isReady = useLive(({ parts }) => parts.agents.ready && parts.queues.ready);
  const reasons = useReasons();
  const nameOf = usePersonName();
  const teamOf = useTeamOf();
  const queueName = useMemo(() => {
    const names = new Map(queues.map(({ queue }) => [queue.id, queue.name]));
    return (id: string) => names.get(id);
  }, [queues]);
  const projectOf = useMemo(() => {
    const projects = new Map(queues.map(({ queue }) => [queue.id, queue.project ?? null]));
    return (id: string) => projects.get(id) ?? null;
  }, [queues]);
  const fresh = useMemo(() => tilesOf(agents, {
    calls: new Map(calls.map((one) => [one.id, one])),
    queueName,
    deviceState: (id) => devices.get(id)?.state,
    nameOf,
    teamOf,
    reasons,
    callLimitMs,
  }), [agents, calls, queueName, devices, nameOf, teamOf, reasons, callLimitMs]);
  const last = useRef<readonly Tile[]>([]);
  const tiles = (last.current = keepEqual(last.current, fresh));
  const lastFigures = useRef<readonly QueueFigures[]>([]);
  const figures = useMemo(() => queueFigures(queues, agents), [queues, agents]);
  return { tiles, figures: (lastFigures.current = keepEqual(lastFigures.current, figures)), queues, queueName, projectOf, isReady };
}

interface OwnQueue {
  own?: { level: { target_percent: number } } | null;
}

/** The service level that our own queues aim at, per cent; the PBX tells none of its. */
export function useTargets(queues: readonly QueueNow[]): (queue: string) => number | null {
  const owned = queues.filter(({ queue }) => queue.kind === "owned").map(({ queue }) => queue.id).toSorted();
  const { data } = useQuery({
    queryKey: ["supervisor", "targets", owned.join(" ")],
    queryFn: async () => new Map(await Promise.all(owned.map(async (id) => [id, (await call<OwnQueue>("GET", `/v1/queues/${id}`)).own?.level.target_percent ?? null] as const))),
    enabled: owned.length > 0,
    staleTime: DAY_EVERY_MS,
  });
  return useCallback((queue) => data?.get(queue) ?? null, [data]);
}
