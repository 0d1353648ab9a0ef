import { type Edited, useEdited, type Wish } from "./useEdited";

interface Items<T> {
  items: T[];
}

export interface Whole<T> extends Omit<Edited<Items<T>, readonly T[]>, "form" | "set" | "store"> {
  items: readonly T[];
  set: (items: readonly T[]) => void;
  /** Writes the list, as it stands here or in another order; what is typed meanwhile stays. */
  store: (body?: readonly T[]) => void;
}

/** A list that is written as a whole. Its fields are named from a line on, e.g. `0.name`. */
export function useWhole<T>(path: string, name: string, more: Pick<Wish<unknown, unknown>, "tries" | "touches"> = {}): Whole<T> {
  const { form, set, store, error, ...edited } = useEdited<Items<T>, readonly T[]>({
    path,
    key: [name],
    draft: `acd:${name}`,
    formOf: (view) => view?.items ?? [],
    bodyOf: (items) => ({ items }),
    ...more,
  });
  return { ...edited, items: form, set: (items) => set(() => items), store: (body) => store(body), error: (field) => error(`items.${field}`) };
}
