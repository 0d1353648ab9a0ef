import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, ok } from "../api/client";
import type { QueueAlert } from "../api/types";
import { useLiveClient, useRights } from "../app/hooks";

const KEY = ["alerts"];
/** What is measured changes without an event while an alert lasts. */
const LASTING_AGAIN_MS = 5_000;
const AGAIN_MS = 30_000;
const TELLS = new Set(["queue.threshold_crossed", "queue.unattended"]);

export interface ReadAlerts {
  items: readonly QueueAlert[];
  /** When it was read, by the server's clock. */
  at: number;
}

/** Queues beyond their limits, with those that came back: read again as soon as the stream tells of one. */
export function useQueueAlerts() {
  const queries = useQueryClient();
  const live = useLiveClient();
  const { has } = useRights();
  const mayRead = has("queue.read");
  const query = useQuery({
    queryKey: KEY,
    queryFn: async (): Promise<ReadAlerts> => ({ items: (await ok(api.GET("/v1/alerts", { params: { query: { ended: true } } }))).items, at: live.clock.now() }),
    enabled: mayRead,
    refetchInterval: ({ state }) => (state.data?.items.some((one) => !one.ended_at) ? LASTING_AGAIN_MS : AGAIN_MS),
  });
  useEffect(() => (mayRead ? live.follow("queue:*") : undefined), [live, mayRead]);
  useEffect(() => live.on((signal) => {
    if (signal.kind === "back" || (signal.kind === "event" && TELLS.has(signal.event.type))) void queries.invalidateQueries({ queryKey: KEY });
  }), [live, queries]);
  return query;
}
