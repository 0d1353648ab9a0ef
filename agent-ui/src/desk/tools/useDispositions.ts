import { useQuery } from "@tanstack/react-query";
import { api, ok } from "../../api/client";
import type { Disposition } from "./categories";

const NONE: readonly Disposition[] = [];

/** The list of categories. */
export function useDispositions(): readonly Disposition[] {
  const { data } = useQuery({ queryKey: ["dispositions"], queryFn: () => ok(api.GET("/v1/dispositions")), staleTime: Number.POSITIVE_INFINITY });
  return data?.items ?? NONE;
}
