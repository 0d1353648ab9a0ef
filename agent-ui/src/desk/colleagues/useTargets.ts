import { useLive, useMe, usePreferences } from "../../app/hooks";
import { usePersonName } from "../../app/people";
import { sections, type Targets, toggled } from "../transfer/targets";

/** Everybody and everything a call can go to, favourites first. */
export function useTargets(text: string): Targets {
  const me = useMe();
  const { preferences } = usePreferences();
  const agents = useLive((state) => [...state.parts.agents.items.values()]);
  const devices = useLive((state) => state.parts.devices.items);
  const queues = useLive((state) => [...state.parts.queues.items.values()]);
  const nameOf = usePersonName();
  return sections({ agents, devices, queues, nameOf, favourites: preferences.favourites, mine: { agent: me.agent, device: me.primary_device } }, text);
}

export function useStars(): { has: (id: string) => boolean; toggle: (id: string) => void } {
  const { preferences, save } = usePreferences();
  return { has: (id) => preferences.favourites.includes(id), toggle: (id) => save({ favourites: toggled(preferences.favourites, id) }) };
}
