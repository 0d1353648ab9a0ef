// The queues an agent was in last: the PBX forgets them at sign-out, the person does not.
import type { AgentView } from "../../live/frames";

const key = (agent: string): string => `tieline.queues.${agent}`;

export function keepQueues(agent: AgentView): void {
  if (agent.queues.length > 0) localStorage.setItem(key(agent.id), agent.queues.map((one) => one.queue).join(" "));
}

export function keptQueues(agent: string): string[] {
  return (localStorage.getItem(key(agent)) ?? "").split(" ").filter((id) => id !== "");
}
