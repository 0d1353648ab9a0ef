import { useQuery } from "@tanstack/react-query";
import { api, ok } from "../../api/client";
import type { Disposition } from "./categories";

/** A call that is opened reads them anew: a category that was just added is there. */
const FRESH_MS = 5_000;
const NONE: readonly Disposition[] = [];

/** The list of categories. */
export function useDispositions(): readonly Disposition[] {
  const { data } = useQuery({ queryKey: ["dispositions"], queryFn: () => ok(api.GET("/v1/dispositions")), staleTime: FRESH_MS });
  return data?.items ?? NONE;
}
