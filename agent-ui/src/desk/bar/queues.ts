// The queues of the PBX an agent was in last: the PBX forgets them at sign-out, the person does not.

const key = (agent: string): string => `tieline.queues.${agent}`;

/** Keeps them, with spaces between; none are no news. */
export function keepQueues(agent: string, queues: string): void {
  if (queues !== "") localStorage.setItem(key(agent), queues);
}

export function keptQueues(agent: string): string[] {
  return (localStorage.getItem(key(agent)) ?? "").split(" ").filter((id) => id !== "");
}

const leftKey = (agent: string): string => `tieline.left.${agent}`;
const read = (agent: string): string[] => (localStorage.getItem(leftKey(agent)) ?? "").split(" ").filter((id) => id !== "");

/** Queues that the person left one by one, to come back to: a queue of the PBX forgets who left it. */
export const leftQueues = {
  of: read,
  add: (agent: string, queue: string): void => localStorage.setItem(leftKey(agent), [...new Set([...read(agent), queue])].join(" ")),
  drop: (agent: string, queue: string): void => localStorage.setItem(leftKey(agent), read(agent).filter((id) => id !== queue).join(" ")),
};
