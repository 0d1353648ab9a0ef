import type { Interaction } from "../api/types";
import { useAgentOfMe, useLive } from "../app/hooks";
import { m } from "../i18n/generated/messages.js";
import { act, type Deed, useDeed } from "./data";
import { CALLBACK } from "./work";

export interface Ring extends Deed {
  /** What the button says. */
  word: string;
  /** Why it cannot be pressed. */
  reason: string | null;
}

/** Takes work off the list: for a callback my phone rings first, then the customer's. */
export function useRing(one: Interaction): Ring {
  const agent = useAgentOfMe();
  const isOffline = useLive((state) => state.connection.phase !== "open");
  const word = one.medium === CALLBACK ? m.work_ring() : m.work_take();
  const deed = useDeed(() => act(one.id, { action: "claim" }), word);
  return { ...deed, word, reason: whyNot(one, agent?.id, isOffline) };
}

function whyNot(one: Interaction, me: string | undefined, isOffline: boolean): string | null {
  if (isOffline) return m.why_offline();
  if (me === undefined) return m.work_why_no_agent();
  if (one.state === "waiting") return null;
  return one.agent === me ? m.work_why_yours() : m.work_why_taken();
}
