import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call, ok } from "../api/client";
import type { Interaction, MissedCall, WorkWish } from "../api/types";
import { toast } from "../app/toast";
import { errorText } from "../domain/can";
import { m } from "../i18n/generated/messages.js";

/** How often a list that somebody looks at is read again: what colleagues take comes by no event of mine. */
const AGAIN_MS = 8_000;
const MISSED_ROWS = 100;
/** As many as the server gives at once. */
const PAGE_ROWS = 200;

export const WORK_KEY = ["work"] as const;
export const MISSED_KEY = ["missed"] as const;

/** Everything open in my queues, of every medium. */
export const workQuery = queryOptions({
  queryKey: WORK_KEY,
  queryFn: async (): Promise<Interaction[]> => {
    const all: Interaction[] = [];
    let cursor: string | undefined;
    do {
      const page = await ok(api.GET("/v1/interactions", { params: { query: { limit: PAGE_ROWS, ...(cursor === undefined ? {} : { cursor }) } } }));
      all.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return all;
  },
});

/** Missed calls of seven days: those not resolved first. */
export const missedQuery = queryOptions({
  queryKey: MISSED_KEY,
  queryFn: async (): Promise<MissedCall[]> => (await ok(api.GET("/v1/missed", { params: { query: { limit: MISSED_ROWS } } }))).items,
});

/** While a page shows it. */
export const watched = { refetchInterval: AGAIN_MS };

export interface Deed {
  isPending: boolean;
  /** What went wrong, at this thing. */
  problem: string | null;
  run: (after?: () => void) => void;
}

/** One press on one thing: sent once, told where it went wrong, and the lists are read again. */
export function useDeed(send: () => Promise<unknown>, title: string): Deed {
  const queries = useQueryClient();
  const [state, setState] = useState<{ isPending: boolean; problem: string | null }>({ isPending: false, problem: null });
  const run = (after?: () => void) => {
    if (state.isPending) return;
    setState({ isPending: true, problem: null });
    send().then(
      () => {
        setState({ isPending: false, problem: null });
        after?.();
      },
      (error: unknown) => {
        setState({ isPending: false, problem: errorText(error) });
        toast({ kind: "bad", key: title, title: m.toast_refused({ command: title }), text: errorText(error) });
      },
    ).finally(() => {
      void queries.invalidateQueries({ queryKey: WORK_KEY });
      void queries.invalidateQueries({ queryKey: MISSED_KEY });
    });
  };
  return { ...state, run };
}

export const act = (id: string, wish: WorkWish): Promise<unknown> =>
  ok(api.POST("/v1/interactions/{id}/actions", { params: { path: { id } }, body: wish }));

export type MissedDeed = "claim" | "release" | "resolve";

export const onMissed = (id: string, deed: MissedDeed, note?: string): Promise<unknown> =>
  call("POST", `/v1/missed/${encodeURIComponent(id)}/${deed}`, deed === "resolve" ? { body: { note: note ?? "" } } : {});
