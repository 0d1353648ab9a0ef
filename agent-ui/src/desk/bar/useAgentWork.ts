// What the server keeps of an agent's work: the state for later, and the time after a call.
import { useState } from "react";
import { call } from "../../api/client";
import { toast } from "../../app/toast";
import { keepsWishes } from "../../domain/agent";
import { errorText } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import type { AgentView } from "../../live/frames";

/** What one press adds to the time after a call. */
export const EXTEND_MS = 60_000;

export interface AgentWork {
  /** The server keeps these things; an older one does not. */
  isKept: boolean;
  isPending: boolean;
  /** Chooses a state for the time after the present work. */
  chooseLater(state: string, reason: string | null): Promise<boolean>;
  /** Takes it back. */
  cancelLater(): Promise<boolean>;
  /** Adds a minute to the time after the call. */
  extend(): Promise<boolean>;
  /** Ends the time after the call now. */
  finish(): Promise<boolean>;
}

export function useAgentWork(agent: AgentView | undefined): AgentWork {
  const [isPending, setPending] = useState(false);
  /** One wish at a time; why it had no effect is told in words. */
  const ask = async (method: "PUT" | "POST" | "DELETE", part: string, body?: object): Promise<boolean> => {
    if (agent === undefined || isPending) return false;
    setPending(true);
    try {
      await call(method, `/v1/agents/${agent.id}/${part}`, body === undefined ? {} : { body });
      return true;
    } catch (error) {
      toast({ kind: "bad", key: "agent_work", title: m.toast_refused({ command: m.command_state() }), text: errorText(error) });
      return false;
    } finally {
      setPending(false);
    }
  };
  return {
    isKept: agent !== undefined && keepsWishes(agent),
    isPending,
    chooseLater: (state, reason) => ask("PUT", "state", { state, when: "after_call", ...(reason === null ? {} : { reason }) }),
    cancelLater: () => ask("DELETE", "pending_state"),
    extend: () => ask("POST", "wrap_up", { extend_ms: EXTEND_MS }),
    finish: () => ask("POST", "wrap_up", {}),
  };
}
