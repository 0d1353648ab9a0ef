import { useQuery } from "@tanstack/react-query";
import { call, withEtag } from "../../api/client";
import { type Kept, useKept } from "./useKept";
import { type Save, useSave } from "../parts/useSave";
import { type Trial, useTrial } from "./useTrial";

export interface Whole<T> {
  query: ReturnType<typeof useQuery<{ data: { items: T[] }; etag: string | null }>>;
  items: readonly T[];
  isDirty: boolean;
  set: (items: readonly T[]) => void;
  /** Forgets what was typed. */
  drop: () => void;
  save: Save<readonly T[], unknown>;
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
  const query = useQuery({ queryKey: [name], queryFn: () => withEtag<{ items: T[] }>("GET", path) });
  const [kept, keep] = useKept<readonly T[]>(`acd:${name}`);
  const items = kept?.value ?? query.data?.data.items ?? [];
  const save = useSave((body: readonly T[]) => call("PUT", path, { body: { items: body }, ...tagOf(kept) }), [name, ...touches]);
  const trial = useTrial("PUT", path, kept === null || !tries ? null : { items });
  const drop = () => {
    keep(null);
    save.reset();
  };
  return {
    query,
    items,
    isDirty: kept !== null,
    set: (next) => keep({ etag: kept?.etag ?? query.data?.etag ?? null, value: next }),
    drop,
    save,
    trial,
    error: (field) => save.fields[`items.${field}`] ?? trial.fields[`items.${field}`],
  };
}

function tagOf(kept: Kept<unknown> | null): { ifMatch?: string } {
  return kept?.etag ? { ifMatch: kept.etag } : {};
}
