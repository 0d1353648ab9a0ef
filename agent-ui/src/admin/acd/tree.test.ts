import { describe, expect, it } from "vitest";
import type { CategoryChoice } from "../../api/types";
import { treeRows, withChange, withMove, withNew } from "./tree";

const one = (code: string, parent: string | null = null): CategoryChoice => ({ code, labels: { en: code }, parent, active: true });
const ALL = [one("contracts"), one("change", "contracts"), one("claims"), one("end", "contracts"), one("address", "change"), one("deep", "address")];
const codes = (all: readonly CategoryChoice[]) => treeRows(all).map(({ item, level }) => `${level} ${item.code}`);

describe("call categories as a form", () => {
  // covers: ADM-15
  it("each stands before those below it, and no level is deeper than a desk shows", () => {
    expect(codes(ALL)).toEqual(["1 contracts", "2 change", "3 address", "2 end", "1 claims"]);
  });

  it("moves among those under the same one, with all below it", () => {
    const [contracts, change] = ALL;
    if (contracts === undefined || change === undefined) throw new Error("no categories");
    expect(codes(withMove(ALL, contracts, 1))).toEqual(["1 claims", "1 contracts", "2 change", "3 address", "2 end"]);
    expect(codes(withMove(ALL, change, 1))).toEqual(["1 contracts", "2 end", "2 change", "3 address", "1 claims"]);
    expect(codes(withMove(ALL, contracts, -1))).toEqual(codes(ALL));
  });

  it("those below follow a new code, and a new one stands last under its own", () => {
    const [contracts] = ALL;
    if (contracts === undefined) throw new Error("no categories");
    expect(codes(withChange(ALL, contracts, { code: "deals" }))).toEqual(["1 deals", "2 change", "3 address", "2 end", "1 claims"]);
    expect(codes(withNew(ALL, "contracts"))).toEqual(["1 contracts", "2 change", "3 address", "2 end", "2 ", "1 claims"]);
  });
});
