import { useState } from "react";
import { call } from "../../api/client";
import { useCommand, useLive, useRights } from "../../app/hooks";
import { toast } from "../../app/toast";
import { errorText } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import type { AgentView, QueueNow } from "../../live/frames";
import { leftQueues } from "../bar/queues";

type Queue = QueueNow["queue"];
type Membership = AgentView["queues"][number];

export interface QueueSign {
  set(isOn: boolean): void;
  isPending: boolean;
  /** Why not. */
  reason: string | null;
}

/** Signs an agent in to and out of one queue: at the PBX where that distributes, with us where we do. */
export function useQueueSign(agent: AgentView, queue: Queue, membership: Membership | undefined): QueueSign {
  const command = useCommand(`sign:${agent.id}:${queue.id}`);
  const own = useOwnQueue(agent, queue);
  const isOwned = queue.kind === "owned";
  const atSwitch = (isOn: boolean) => {
    const { chosen, reason } = agent.state;
    // Who is on a break comes in on the break: nothing rings before Ready is chosen.
    const state = !isOn ? "logged_out" : chosen === "paused" ? "paused" : "ready";
    if (isOn) leftQueues.drop(agent.id, queue.id);
    else leftQueues.add(agent.id, queue.id);
    void command.run("set_agent_state", { agent_id: agent.id, state, queues: [queue.id], ...(state === "paused" && reason ? { reason } : {}) });
  };
  return { set: isOwned ? own.set : atSwitch, isPending: isOwned ? own.isPending : command.isPending, reason: useWhyNot(isOwned, membership) };
}

function useOwnQueue(agent: AgentView, queue: Queue): Omit<QueueSign, "reason"> {
  const [isPending, setPending] = useState(false);
  const put = async (isOn: boolean) => {
    setPending(true);
    try {
      await call("PUT", `/v1/queues/${queue.id}/memberships/${agent.id}`, { body: { signed_in: isOn } });
    } catch (error) {
      toast({ kind: "bad", key: `sign:${queue.id}`, title: m.toast_refused({ command: queue.name }), text: errorText(error) });
    } finally {
      setPending(false);
    }
  };
  return { set: (isOn) => void put(isOn), isPending };
}

function useWhyNot(isOwned: boolean, membership: Membership | undefined): string | null {
  const { has } = useRights();
  const isOffline = useLive((state) => state.connection.phase !== "open");
  if (!has("queue.membership.write")) return m.why_queue_right();
  if (isOffline) return m.why_offline();
  return !isOwned && membership !== undefined && !membership.dynamic ? m.why_queue_fixed() : null;
}
