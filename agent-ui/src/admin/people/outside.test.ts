// covers: TEL-18
import { expect, it } from "vitest";
import type { Assignment, DeviceView, UserView } from "../../api/types";
import { outsideBody, outsideRows } from "./outside";

const AT = "2026-01-01T00:00:00Z";
const device = (id: string, kind: string, name: string): [string, DeviceView] => [id, { id, switch: "pbx", pbx_id: name, kind, name, state: "idle", since: AT, calls: [], capabilities: {} }];
const given = (id: string, at: string, user: string): Assignment => ({ id, device: at, user, kind: "fixed", primary: true, from: AT });
const USERS = [{ id: "usr_1", name: "Klára" }, { id: "usr_2", name: "Adam" }] as UserView[];

it("names who works at which number outside, and no desk phones", () => {
  const devices = new Map([device("dev_1", "outside", "+420777123456"), device("dev_2", "station", "1001"), device("dev_3", "outside", "+420602123456")]);
  const rows = outsideRows([given("asg_1", "dev_1", "usr_1"), given("asg_2", "dev_2", "usr_1"), given("asg_3", "dev_3", "usr_2"), given("asg_4", "dev_9", "usr_2")], devices, USERS);
  expect(rows.map(({ id, person, number }) => [id, person, number])).toEqual([
    ["asg_3", "Adam", "+420\u00a0602\u00a0123\u00a0456"],
    ["asg_1", "Klára", "+420\u00a0777\u00a0123\u00a0456"],
  ]);
});

it("is sent once person, switch and number are there", () => {
  expect(outsideBody({ user: null, switch: "pbx", number: "777 123 456" })).toBeNull();
  expect(outsideBody({ user: "usr_1", switch: "pbx", number: "  " })).toBeNull();
  expect(outsideBody({ user: "usr_1", switch: "pbx", number: " 777 123 456 " })).toEqual({ outside: { switch: "pbx", number: "777 123 456" }, user: "usr_1", kind: "fixed" });
});
