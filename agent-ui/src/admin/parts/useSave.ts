import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../../api/client";
import { errorText, fieldErrors } from "../../domain/can";

/** A write of a form: its state, its faults by field, and what stands above the button. */
export interface Save<Body, Reply> {
  run(body: Body, after?: (reply: Reply) => void): void;
  isPending: boolean;
  /** By pointer without the first slash. */
  fields: Record<string, string>;
  /** One sentence for a person; none while nothing went wrong. */
  problem: string | null;
  /** Somebody else changed the object since it was read. */
  isStale: boolean;
  reset(): void;
}

/** Sends a form once; afterwards the lists named by `keys` are read again. */
export function useSave<Body, Reply>(write: (body: Body) => Promise<Reply>, keys: readonly string[]): Save<Body, Reply> {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: write,
    onSettled: () => Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
  const { error } = mutation;
  return {
    run: (body, after) => mutation.mutate(body, after ? { onSuccess: after } : {}),
    isPending: mutation.isPending,
    fields: error ? fieldErrors(error) : {},
    problem: error ? errorText(error) : null,
    isStale: error instanceof ApiError && error.status === 412,
    reset: mutation.reset,
  };
}
