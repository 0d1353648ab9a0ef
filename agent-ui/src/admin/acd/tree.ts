// Call categories as a form: a flat list whose order is that of the tree. Pure.
import type { CategoryChoice } from "../../api/types";

/** Levels that a desk shows. */
export const LEVELS_MAX = 3;

export interface TreeRow {
  item: CategoryChoice;
  /** 1 at the top. */
  level: number;
  /** Place among those under the same one, and how many they are. */
  nth: number;
  count: number;
}

const under = (all: readonly CategoryChoice[], parent: string | null): CategoryChoice[] => all.filter((one) => (one.parent ?? null) === parent);

/** Top first, each followed by those below it. */
export function treeRows(all: readonly CategoryChoice[], parent: string | null = null, level = 1): TreeRow[] {
  if (level > LEVELS_MAX) return [];
  const here = under(all, parent);
  return here.flatMap((item, nth) => [{ item, level, nth, count: here.length }, ...(item.code === "" ? [] : treeRows(all, item.code, level + 1))]);
}

/** A new one at the end of those under a category, or of the tree. */
export function withNew(all: readonly CategoryChoice[], parent: string | null): CategoryChoice[] {
  return [...all, { code: "", labels: { en: "", cs: "" }, parent, active: true }];
}

/** One of them changed; those below follow a new code. */
export function withChange(all: readonly CategoryChoice[], item: CategoryChoice, change: Partial<CategoryChoice>): CategoryChoice[] {
  const code = change.code ?? item.code;
  return all.map((one) => {
    if (one === item) return { ...one, ...change };
    return item.code !== "" && one.parent === item.code ? { ...one, parent: code } : one;
  });
}

/** One place up or down among those under the same one. */
export function withMove(all: readonly CategoryChoice[], item: CategoryChoice, by: 1 | -1): CategoryChoice[] {
  const here = under(all, item.parent ?? null);
  const other = here[here.indexOf(item) + by];
  if (other === undefined) return [...all];
  return all.map((one) => (one === item ? other : one === other ? item : one));
}
