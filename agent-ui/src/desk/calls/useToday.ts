import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { api, ok } from "../../api/client";
import type { CallDetail } from "../../api/types";
import { useMe, useMyCalls, useRights } from "../../app/hooks";
import { keepEqual } from "../../app/same";
import { ringsHere } from "../legs";
import { useMine, useMyExtension } from "../useMine";
import { type CallRow, callRows, type CallSummary } from "./rows";

/** Ended calls that the list does not have yet; kept so that a row does not blink. */
const SEEN_MOST = 20;
const AGAIN_MS = 20_000;

export interface Today {
  rows: readonly CallRow[];
  isReady: boolean;
  error: Error | null;
  retry: () => void;
}

/** The own calls of today: the live ones from the stream, the ended ones from the server. */
export function useToday(): Today {
  const me = useMe();
  const rights = useRights();
  const mine = useMine();
  const extension = useMyExtension();
  const live = useMyCalls();
  const seen = useSeen(live);
  const day = new Date(new Date().setHours(0, 0, 0, 0)).toISOString();
  const gone = seen.filter((call) => !live.some((one) => one.id === call.id));
  const { data, error, refetch } = useQuery({
    // The list is asked again whenever a call has ended.
    queryKey: ["calls", "mine", me.agent, day, gone.map((call) => call.id).join()],
    queryFn: async (): Promise<readonly CallSummary[]> =>
      (await ok(api.GET("/v1/calls", { params: { query: { from: day, limit: 200, state: "ended", ...(me.agent ? { agent: me.agent } : {}) } } }))).items,
    enabled: rights.has("call.read") && (Boolean(me.agent) || !rights.has("call.read.team")),
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
  const ringing = new Set(live.filter((call) => ringsHere(call, mine)).map((call) => call.id));
  const known = new Set((data ?? []).map((call) => call.id));
  const ended = [...(data ?? []), ...gone.filter((call) => !known.has(call.id)).map(over)];
  const last = useRef<readonly CallRow[]>([]);
  const rows = (last.current = keepEqual(last.current, callRows(ended, live, ringing, extension)));
  const isReady = data !== undefined || error !== null || !rights.has("call.read");
  const failure = data === undefined ? error : null;
  return useMemo(() => ({ rows, isReady, error: failure, retry: () => void refetch() }), [rows, isReady, failure, refetch]);
}

const over = (call: CallDetail): CallSummary => ({ ...call, state: "ended", outcome: call.outcome ?? (call.answered_at ? "answered" : "missed") });

function useSeen(live: readonly CallDetail[]): readonly CallDetail[] {
  const [seen, setSeen] = useState(live);
  if (live.some((call) => !seen.includes(call))) {
    const fresh = new Set(live.map((call) => call.id));
    setSeen([...seen.filter((call) => !fresh.has(call.id)), ...live].slice(-SEEN_MOST));
  }
  return seen;
}
