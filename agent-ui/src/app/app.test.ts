// covers: AGT-03 AGT-31
import { describe, expect, it } from "vitest";
import { phonesOf } from "../desk/phones";
import { covers } from "./rights";
import { isSame } from "./same";
import { actionOf } from "./shortcuts";

const key = (code: string, more: object = {}) => ({ code, altKey: true, shiftKey: true, ctrlKey: false, metaKey: false, ...more });

describe("shortcuts", () => {
  it("are Alt+Shift and the place of the key, whatever the layout writes there", () => {
    expect([actionOf(key("KeyA")), actionOf(key("KeyD")), actionOf(key("Digit3"))]).toEqual(["answer", "dial", "call:3"]);
  });
  it("never take what AltGr writes", () => {
    expect(actionOf(key("KeyA", { ctrlKey: true }))).toBeNull();
    expect(actionOf(key("KeyA", { shiftKey: false }))).toBeNull();
  });
});

describe("rights", () => {
  it("are there in any reach when none is asked, and in a wider one when one is", () => {
    expect(covers(["call.read.team"], "call.read")).toBe(true);
    expect(covers(["call.read.team"], "call.read.own")).toBe(true);
    expect(covers(["call.read.team"], "call.read.any")).toBe(false);
    expect(covers(["user.admin"], "user.admin")).toBe(true);
    expect(covers(["call.readers.own"], "call.read")).toBe(false);
  });
});

describe("the choice of a phone", () => {
  const device = (id: string, extension: string, user: string | null = null, kind = "station") => ({ id, extension, user, kind, pbx_id: id, switch: "main", state: "idle", since: "", calls: [], capabilities: {} });
  const devices = [device("d1", "1042", "me"), device("d2", "1050"), device("d3", "1051", "other"), device("d4", "999", null, "trunk"), device("d5", "900")];
  it("offers mine, the last one, then free ones, and never that of somebody else or a trunk", () => {
    const groups = phonesOf(devices, { user: "me", primary: "d1", last: "d2", search: "" });
    expect(groups.map((group) => [group.kind, group.phones.map((phone) => phone.number)])).toEqual([["mine", ["1042"]], ["last", ["1050"]], ["free", ["900"]]]);
  });
  it("finds by number", () => {
    expect(phonesOf(devices, { user: "me", primary: "d1", last: null, search: "105" }).flatMap((group) => group.phones).map((phone) => phone.id)).toEqual(["d2"]);
  });
});

describe("a selected piece of state", () => {
  it("is the same when its members are", () => {
    const item = {};
    expect(isSame([item], [item])).toBe(true);
    expect(isSame({ a: item }, { a: {} })).toBe(false);
    expect(isSame(new Map([["a", item]]), new Map([["a", item]]))).toBe(true);
  });
});
