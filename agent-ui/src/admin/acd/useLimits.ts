import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Tagged, withEtag } from "../../api/client";
import type { QueueLimits } from "../../api/types";
import { toast } from "../../app/toast";
import { m } from "../../i18n/generated/messages.js";
import { type Unread, useUnread } from "../parts/unread";
import { type Save, useSave } from "../parts/useSave";
import { settled } from "./forms";
import { type LimitsForm, limitsForm } from "./limits";
import { type Trial, useTrial } from "./useTrial";
import { useKept } from "./useKept";

/** Alerts follow their limits. */
const KEYS = ["queue_limits", "alerts"];

export interface LimitsWork {
  query: ReturnType<typeof useQuery<Tagged<QueueLimits>>>;
  form: LimitsForm;
  isDirty: boolean;
  set: (change: Partial<LimitsForm>) => void;
  drop: () => void;
  save: Save<LimitsForm, unknown>;
  store: (after?: () => void) => void;
  unread: Unread;
  faults: number;
  error: (field: string) => string | undefined;
}

/** What a queue is watched for: typed over the version that was read, kept until it is saved, tried beforehand. */
export function useLimits(id: string): LimitsWork {
  const queries = useQueryClient();
  const path = `/v1/queues/${encodeURIComponent(id)}/limits`;
  const key = ["queue_limits", id];
  const query = useQuery({ queryKey: key, queryFn: () => withEtag<QueueLimits>("GET", path) });
  const [kept, keep] = useKept<LimitsForm>(`acd:limits:${id}`);
  const form = kept?.value ?? limitsForm(query.data?.data);
  const unread = useUnread();
  const write = async (body: LimitsForm): Promise<Tagged<QueueLimits>> => {
    const reply = await withEtag<QueueLimits>("PUT", path, { body, ...(kept?.etag ? { ifMatch: kept.etag } : {}) });
    queries.setQueryData(key, reply);
    keep((now) => settled(now, body, reply.etag));
    return reply;
  };
  const save = useSave(write, KEYS);
  const trial: Trial = useTrial("PUT", path, kept === null ? null : form);
  const drop = () => {
    keep(() => null);
    save.reset();
    unread.forget();
  };
  return {
    query,
    form,
    isDirty: kept !== null || unread.count > 0,
    set: (change) => keep((now) => ({ etag: now?.etag ?? query.data?.etag ?? null, value: { ...(now?.value ?? form), ...change } })),
    drop,
    save,
    store: (after) => save.run(form, () => {
      toast({ kind: "good", title: m.admin_saved() });
      after?.();
    }),
    unread,
    faults: Object.keys(trial.fields).length + unread.count,
    error: (field) => save.fields[field] ?? trial.fields[field],
  };
}
