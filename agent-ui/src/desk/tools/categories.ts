// The list of categories (dispositions) as a tree. Pure.
import type { components } from "../../api/generated/rest";
import type { TreeNode } from "../../ui/Tree/Tree";

export type Disposition = components["schemas"]["DispositionChoiceView"];

export interface Leaf {
  code: string;
  label: string;
  /** With those above it: `Contracts › Change of details`. */
  path: string;
  active: boolean;
}

type Words = (one: Disposition) => string;

const childrenOf = (all: readonly Disposition[], parent: string | null): Disposition[] =>
  all.filter((one) => (one.parent ?? null) === parent).toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0));

/** Deepest level that is shown. */
const LEVELS = 3;

/** Nodes whose label or a descendant's holds the text; a retired code stays only where it is chosen. */
export function categoryTree(all: readonly Disposition[], words: Words, text: string, chosen: string | null): TreeNode[] {
  const wanted = text.trim().toLocaleLowerCase();
  const nodes = (parent: string | null, level: number): TreeNode[] =>
    level > LEVELS ? [] : childrenOf(all, parent).flatMap((one) => {
      const children = nodes(one.code, level + 1);
      const isWanted = wanted === "" || words(one).toLocaleLowerCase().includes(wanted) || children.length > 0;
      const isThere = one.active !== false || one.code === chosen || children.length > 0;
      return isWanted && isThere ? [{ id: one.code, label: words(one), isDisabled: one.active === false, children }] : [];
    });
  return nodes(null, 1);
}

/** What may be chosen: codes without others below them, in their order. */
export function leaves(all: readonly Disposition[], words: Words): Leaf[] {
  const walk = (parent: string | null, above: readonly string[]): Leaf[] =>
    above.length >= LEVELS ? [] : childrenOf(all, parent).flatMap((one) => {
      const label = words(one);
      const below = walk(one.code, [...above, label]);
      return below.length > 0 ? below : [{ code: one.code, label, path: [...above, label].join(" › "), active: one.active !== false }];
    });
  return walk(null, []);
}
