import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "../../api/client";
import type { CallDetail } from "../../api/pending";
import { useMe, useMyCalls, useRights } from "../../app/hooks";
import { ringsHere } from "../legs";
import { useMine, useMyExtension } from "../useMine";
import { type CallRow, callRows, type CallSummary } from "./rows";

/** Ended calls that the list does not have yet; kept so that a row does not blink. */
const SEEN_MOST = 20;
const AGAIN_MS = 20_000;

export interface Today {
  rows: CallRow[];
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
  const { data, error, refetch } = useQuery({
    // The list is asked again whenever the set of live calls is another one.
    queryKey: ["calls", "mine", me.agent, day, live.map((call) => call.id).join()],
    queryFn: async (): Promise<readonly CallSummary[]> =>
      (await ok(api.GET("/v1/calls", { params: { query: { from: day, limit: 200, state: "ended", ...(me.agent ? { agent: me.agent } : {}) } } }))).items,
    enabled: rights.has("call.read") && (Boolean(me.agent) || !rights.has("call.read.team")),
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
  const ringing = new Set(live.filter((call) => ringsHere(call, mine)).map((call) => call.id));
  const known = new Set((data ?? []).map((call) => call.id));
  const ended = [...(data ?? []), ...seen.filter((call) => !known.has(call.id) && !live.some((one) => one.id === call.id)).map(over)];
  return { rows: callRows(ended, live, ringing, extension), isReady: data !== undefined || error !== null || !rights.has("call.read"), error: data === undefined ? error : null, retry: () => void refetch() };
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
