import { useState } from "react";
import { useLive, useMe } from "../app/hooks";
import { isSwitchDown } from "../live/links";
import type { PopView } from "../api/types";
import { desk, useDesk } from "./desk";
import { isSameShown, nextShown, type Shown } from "./focus";
import { isEngaged, type Mine, ringsHere } from "./legs";
import { useMine } from "./useMine";

export interface Focus {
  /** The call on the stage. */
  call: string | null;
  byHand: boolean;
  /** Other calls that ring, oldest first. */
  others: readonly PopView[];
}

const byTime = (a: { started_at: string; id: string }, b: { started_at: string; id: string }): number => a.started_at.localeCompare(b.started_at) || a.id.localeCompare(b.id);

/** The call the stage shows, following the stream and the person's own choice. */
export function useFocus(): Focus {
  const mine = useMine();
  const { chosen, closed } = useDesk();
  const [shown, setShown] = useState<Shown | null>(null);
  const picture = usePicture(mine);
  const wrapUp = useWrapUpCall();
  const isAway = (call: string | null): boolean => call !== null && closed.includes(call);
  const ringing = picture.ringing.filter((call) => !isAway(call));
  const input = { engaged: picture.engaged, ringing, isSettled: picture.isSettled, chosen, wrapUp: isAway(wrapUp) ? null : wrapUp };
  const now = shown !== null && isAway(shown.call) && !picture.engaged.includes(shown.call) ? null : shown;
  const next = nextShown(now, input);
  desk.present([...picture.engaged, ...picture.ringing]);
  if (!isSameShown(next, shown)) setShown(next);
  const others = picture.pops.filter((pop) => pop.call !== next?.call && pop.state === "active");
  return { call: next?.call ?? null, byHand: next?.byHand ?? false, others };
}

function usePicture(mine: Mine) {
  const calls = useLive((state) => [...state.parts.calls.items.values()].filter((call) => call.state === "live").toSorted(byTime));
  const pops = useLive((state) => [...state.parts.pops.items.values()].filter((pop) => pop.state !== "dismissed").toSorted((a, b) => a.at.localeCompare(b.at)));
  const isSettled = useLive((state) => state.connection.phase === "open" && state.parts.calls.ready && !isSwitchDown(state, mine.device ? state.parts.devices.items.get(mine.device)?.switch : undefined));
  const engaged = calls.filter((call) => isEngaged(call, mine)).map((call) => call.id);
  const rings = new Set([...pops.filter((pop) => pop.state === "active").map((pop) => pop.call), ...calls.filter((call) => ringsHere(call, mine)).map((call) => call.id)]);
  // A card that was taken back says why only as long as nothing rings.
  const ringing = rings.size > 0 ? rings : new Set(pops.map((pop) => pop.call));
  return { engaged, ringing: [...ringing].filter((call) => !engaged.includes(call)), pops, isSettled };
}

/** The call of my own wrap-up. */
export function useWrapUpCall(): string | null {
  const me = useMe();
  return useLive((state) => {
    const agent = me.agent ? state.parts.agents.items.get(me.agent) : undefined;
    return agent?.state.effective === "wrap_up" ? (agent.state.call ?? null) : null;
  });
}
