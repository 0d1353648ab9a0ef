import { useMemo } from "react";
import { useLive, useMe } from "../app/hooks";
import type { Mine } from "./legs";

/** What makes a leg mine. */
export function useMine(): Mine {
  const me = useMe();
  return useMemo(() => ({ user: me.user, agent: me.agent, device: me.primary_device }), [me.user, me.agent, me.primary_device]);
}

/** The extension of my phone. */
export function useMyExtension(): string | null {
  const me = useMe();
  return useLive((state) => (me.primary_device ? (state.parts.devices.items.get(me.primary_device)?.extension ?? null) : null));
}
