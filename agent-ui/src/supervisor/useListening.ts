// The own phone hears a call of somebody else: asked for by a command, shown when the switch says so.
import { useCallback, useEffect, useState } from "react";
import { call as request } from "../api/client";
import { useCommand, useLiveClient, useMyDevice, useRights } from "../app/hooks";
import { type Hearing, type HearingMode, hearingAfter, hearingOf } from "../domain/listening";
import type { LogEvent } from "../live/frames";

/** All calls that the reader may see: also a call that is heard by a key of the phone. */
const TOPIC = "call:*";

export interface Listening {
  /** What the own phone hears now, as the switch told. */
  hearing: Hearing | null;
  mayListen: boolean;
  hasPhone: boolean;
  isPending: boolean;
  listen: (call: string, mode: Exclude<HearingMode, null>) => void;
  end: () => void;
}

/** Listening in with the own phone; `calls` are those in which it may be found after the page was loaded anew. */
export function useListening(calls: readonly string[]): Listening {
  const live = useLiveClient();
  const { has } = useRights();
  const device = useMyDevice()?.id ?? null;
  const mayListen = has("monitor.listen");
  const [hearing, setHearing] = useState<Hearing | null>(null);
  const { run, isPending } = useCommand("join_call");
  const wanted = mayListen ? device : null;
  useEffect(() => {
    if (wanted === null) return undefined;
    const unfollow = live.follow(TOPIC);
    const silence = live.onEvent((event) => setHearing((now) => hearingAfter(now, event, wanted)));
    return () => {
      silence();
      unfollow();
      setHearing(null);
    };
  }, [live, wanted]);
  useHeardBefore(wanted, calls, setHearing);
  const listen = useCallback((call: string, mode: Exclude<HearingMode, null>) => void run("join_call", { call_id: call, mode, ...(device === null ? {} : { device_id: device }) }), [run, device]);
  const end = useCallback(() => {
    if (hearing !== null && device !== null) void run("clear_connection", { call_id: hearing.call, device_id: device });
  }, [run, hearing, device]);
  return { hearing, mayListen, hasPhone: device !== null, isPending, listen, end };
}

/** What the phone heard before this page was there: once, when the first calls are known. */
function useHeardBefore(device: string | null, calls: readonly string[], found: (hearing: Hearing) => void): void {
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    if (device === null || isAsked || calls.length === 0) return;
    setAsked(true);
    for (const id of calls) {
      void request<{ items: LogEvent[] }>("GET", `/v1/calls/${id}/events`).then(({ items }) => {
        const heard = hearingOf(items, device);
        if (heard !== null) found(heard);
      }, () => undefined);
    }
  }, [device, calls, isAsked, found]);
}
