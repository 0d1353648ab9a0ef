import type { QueueLimits } from "../../api/types";
import { type LimitsForm, limitsForm } from "./limits";
import { type Edited, useEdited } from "./useEdited";

export interface LimitsWork extends Omit<Edited<QueueLimits, LimitsForm>, "set"> {
  set: (change: Partial<LimitsForm>) => void;
}

/** What a queue is watched for. */
export function useLimits(id: string): LimitsWork {
  const { set, ...edited } = useEdited<QueueLimits, LimitsForm>({
    path: `/v1/queues/${encodeURIComponent(id)}/limits`,
    key: ["queue_limits", id],
    draft: `acd:limits:${id}`,
    formOf: limitsForm,
    bodyOf: (form) => form,
    // Alerts follow their limits.
    touches: ["alerts"],
  });
  return { ...edited, set: (change) => set((now) => ({ ...now, ...change })) };
}
