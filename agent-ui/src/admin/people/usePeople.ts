import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useLive } from "../../app/hooks";
import { extensionsQuery, setupQuery, usersQuery } from "../data/queries";
import { phoneRows } from "./rows";

const NOTHING: never[] = [];

/** Everything that the mapping shows: phones and members live, rows and users as lists. */
export function usePeople() {
  const devices = useLive((state) => state.parts.devices.items);
  const agents = useLive((state) => state.parts.agents.items);
  const live = useLive((state) => state.parts.queues.items);
  const isReady = useLive((state) => state.parts.devices.ready);
  const extensions = useQuery(extensionsQuery);
  const users = useQuery(usersQuery);
  const setup = useQuery(setupQuery);
  const queues = useMemo(() => [...live.values()].map((one) => one.queue), [live]);
  const rows = useMemo(
    () => phoneRows({
      devices: [...devices.values()],
      agents: [...agents.values()],
      extensions: extensions.data?.items ?? NOTHING,
      users: users.data?.items ?? NOTHING,
      queues,
    }),
    [devices, agents, extensions.data, users.data, queues],
  );
  return {
    rows,
    queues,
    agents,
    devices,
    users: users.data?.items ?? NOTHING,
    findings: setup.data?.findings ?? NOTHING,
    /** The lists that decide whether the table can be shown. */
    lists: extensions,
    isReady,
  };
}

export type People = ReturnType<typeof usePeople>;
