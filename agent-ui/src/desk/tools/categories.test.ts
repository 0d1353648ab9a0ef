import { expect, it } from "vitest";
import { categoryTree, type Disposition, leaves } from "./categories";

const one = (code: string, parent: string | null, active = true, position = 1): Disposition => ({ code, parent, active, position, labels: {} });
const all = [one("claims", null, true, 2), one("contracts", null), one("change", "contracts"), one("old", "contracts", false, 2)];
const words = (item: Disposition): string => item.code;

it("offers the ends of the tree with their path", () => {
  expect(leaves(all, words).map((leaf) => [leaf.path, leaf.active])).toEqual([["contracts › change", true], ["contracts › old", false], ["claims", true]]);
});

it("hides a retired category unless it is the chosen one", () => {
  expect(categoryTree(all, words, "", null)[0]?.children.map((node) => node.id)).toEqual(["change"]);
  expect(categoryTree(all, words, "", "old")[0]?.children.map((node) => [node.id, node.isDisabled])).toEqual([["change", false], ["old", true]]);
});

it("finds by a piece of a word", () => {
  expect(categoryTree(all, words, "CHA", null).map((node) => node.id)).toEqual(["contracts"]);
});
