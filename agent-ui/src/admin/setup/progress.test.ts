import { expect, it } from "vitest";
import { firstPop } from "./progress";

const COUNTS = { switches: 1, links_up: 1, devices: 4, stations: 3, queues: 1, members: 2, members_with_user: 0, users: 1 };

it("the way to the first pop is ticked by facts, in any order", () => {
  const nothing = { counts: undefined, my_device: undefined, rules: undefined, pops: undefined, mapped: undefined };
  expect(firstPop(nothing)).toEqual({ link: "next", people: "open", phone: "open", rule: "open", call: "open" });
  expect(firstPop({ ...nothing, counts: COUNTS, my_device: "dev_1" })).toEqual({ link: "done", people: "next", phone: "done", rule: "open", call: "open" });
});
