import { useQuery } from "@tanstack/react-query";
import { call, type Method } from "../../api/client";
import type { Impact } from "../../api/types";
import { errorText, fieldErrors } from "../../domain/can";
import { useStill } from "../parts/useStill";

export interface Trial {
  /** What it would do; none until that is known, or when it cannot be taken. */
  impact: Impact | null;
  fields: Record<string, string>;
  problem: string | null;
  /** The answer is about what stands there now. */
  isCurrent: boolean;
}

/** Asks the server what a change would do, changing nothing. */
export function useTrial(method: Method, path: string, body: unknown): Trial {
  const wish = body === null ? null : JSON.stringify(body);
  const asked = useStill(wish);
  const query = useQuery({
    queryKey: ["trial", method, path, asked],
    queryFn: () => call<Impact>(method, `${path}?dry_run=true`, { text: { type: "application/json", content: asked ?? "" } }),
    enabled: asked !== null,
    retry: false,
    gcTime: 0,
  });
  const { error } = query;
  return {
    impact: query.data ?? null,
    fields: asked !== null && error ? fieldErrors(error) : {},
    problem: asked !== null && error ? errorText(error) : null,
    isCurrent: asked === wish && !query.isFetching,
  };
}
