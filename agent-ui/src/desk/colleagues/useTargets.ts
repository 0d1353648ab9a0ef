import { useMemo, useRef } from "react";
import { useLive, useMe, usePreferences } from "../../app/hooks";
import { usePersonName } from "../../app/people";
import { keepEqual } from "../../app/same";
import { allTargets, projectTargets, sections, type Target, type Targets, toggled } from "../transfer/targets";

/** Everybody and everything a call can go to, favourites first. */
export function useTargets(text: string, withProjects = false): Targets {
  const me = useMe();
  const { preferences } = usePreferences();
  const agents = useLive((state) => [...state.parts.agents.items.values()]);
  const devices = useLive((state) => state.parts.devices.items);
  const queues = useLive((state) => [...state.parts.queues.items.values()]);
  const nameOf = usePersonName();
  const last = useRef<readonly Target[]>([]);
  const all = (last.current = keepEqual(last.current, [...(withProjects ? projectTargets(queues) : []), ...allTargets({ agents, devices, queues, nameOf, mine: { agent: me.agent, device: me.primary_device } })]));
  return useMemo(() => sections(all, preferences.favourites, text), [all, preferences.favourites, text]);
}

export function useStars(): { has: (id: string) => boolean; toggle: (id: string) => void } {
  const { preferences, save } = usePreferences();
  return { has: (id) => preferences.favourites.includes(id), toggle: (id) => save({ favourites: toggled(preferences.favourites, id) }) };
}
