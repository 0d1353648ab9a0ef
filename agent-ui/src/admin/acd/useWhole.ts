import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Tagged, withEtag } from "../../api/client";
import { toast } from "../../app/toast";
import { m } from "../../i18n/generated/messages.js";
import { type Kept, useKept } from "./useKept";
import { type Unread, useUnread } from "../parts/unread";
import { type Save, useSave } from "../parts/useSave";
import { settled } from "./forms";
import { type Trial, useTrial } from "./useTrial";

export interface Whole<T> {
  query: ReturnType<typeof useQuery<{ data: { items: T[] }; etag: string | null }>>;
  items: readonly T[];
  isDirty: boolean;
  set: (items: readonly T[]) => void;
  /** Forgets what was typed. */
  drop: () => void;
  save: Save<readonly T[], unknown>;
  /** Writes the list, as it stands here or in another order; what is typed meanwhile stays. */
  store: (body?: readonly T[]) => void;
  /** Fields of it that cannot be read. */
  unread: Unread;
  /** How many fields keep it from being saved. */
  faults: number;
  /** What saving would do, asked while one writes. */
  trial: Trial;
  /** What is wrong with a field, e.g. `0.name`. */
  error: (field: string) => string | undefined;
}

interface Wish {
  /** False where the server has no dry run: there, asking would write. */
  tries?: boolean;
  /** Other lists that are read again after it was saved. */
  touches?: readonly string[];
}

/** A list that is written as a whole: typed over the version that was read, kept until it is saved, tried beforehand. */
export function useWhole<T>(path: string, name: string, { tries = true, touches = [] }: Wish = {}): Whole<T> {
  const queries = useQueryClient();
  const query = useQuery({ queryKey: [name], queryFn: () => withEtag<{ items: T[] }>("GET", path) });
  const [kept, keep] = useKept<readonly T[]>(`acd:${name}`);
  const items = kept?.value ?? query.data?.data.items ?? [];
  const unread = useUnread();
  const write = async (body: readonly T[]): Promise<Tagged<{ items: T[] }>> => {
    const reply = await withEtag<{ items: T[] }>("PUT", path, { body: { items: body }, ...tagOf(kept) });
    queries.setQueryData([name], reply);
    keep((now) => settled(now, items, reply.etag));
    return reply;
  };
  const save = useSave(write, [name, ...touches]);
  const trial = useTrial("PUT", path, kept === null || !tries ? null : { items });
  const drop = () => {
    keep(() => null);
    save.reset();
    unread.forget();
  };
  return {
    query,
    items,
    isDirty: kept !== null || unread.count > 0,
    set: (next) => keep((now) => ({ etag: now?.etag ?? query.data?.etag ?? null, value: next })),
    drop,
    save,
    store: (body = items) => save.run(body, () => toast({ kind: "good", title: m.admin_saved() })),
    unread,
    faults: Object.keys(trial.fields).length + unread.count,
    trial,
    error: (field) => save.fields[`items.${field}`] ?? trial.fields[`items.${field}`],
  };
}

function tagOf(kept: Kept<unknown> | null): { ifMatch?: string } {
  return kept?.etag ? { ifMatch: kept.etag } : {};
}
