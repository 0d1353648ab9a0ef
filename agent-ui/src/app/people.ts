// Names of colleagues as we know them; what the PBX calls their phones and memberships is only a fallback.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ok } from "../api/client";
import { useRights } from "./hooks";

/** People come and go by the day, not by the minute. */
const AGAIN_MS = 5 * 60_000;

export interface PersonName {
  id: string;
  name: string;
}

const NOBODY: readonly PersonName[] = [];

/** Everybody whose state I may see, by name of the server. */
export function usePeopleList(): readonly PersonName[] {
  const { has } = useRights();
  const { data } = useQuery({
    queryKey: ["people"],
    queryFn: async () => (await ok(api.GET("/v1/people"))).items,
    enabled: has("agent.read"),
    staleTime: AGAIN_MS,
    refetchInterval: AGAIN_MS,
  });
  return data ?? NOBODY;
}

/** The name of the person behind a member of a queue or a phone, or what the PBX calls it. */
export function usePersonName(): (user: string | null | undefined, otherwise: string) => string {
  const people = usePeopleList();
  return useMemo(() => {
    const names = new Map(people.map(({ id, name }) => [id, name]));
    return (user, otherwise) => (user ? names.get(user) : undefined) ?? otherwise;
  }, [people]);
}
