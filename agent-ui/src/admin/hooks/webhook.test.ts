// covers: INT-08
import { expect, it } from "vitest";
import { answerOf, bodyOf, faultOfLines, faultsOf, formOf, stateOf, type Webhook } from "./webhook";

const view = { name: "ERP", url: "https://erp.example/h", enabled: true, types: ["call.*", "agent.state_changed"], queues: ["que_1"], users: [], data: { activity: "", plan: "gold=1" }, mask: ["**.number"], state: "working" } as unknown as Webhook;

it("a form is what the endpoint is, and goes back as it came", () => {
  const form = formOf(view);
  expect(form).toMatchObject({ types: "call.*\nagent.state_changed", data: "activity\nplan=gold=1", mask: "**.number" });
  const { name, url, enabled, types, queues, users, data, mask } = view;
  expect(bodyOf(form, false)).toEqual({ name, url, enabled, types, queues, users, data, mask });
});

it("a new one says how it signs, and empty lines are none", () => {
  expect(bodyOf({ ...formOf(undefined), name: " CRM ", url: "https://x.example ", types: "\n call.ended \n\n", signature: "v1a" }, true)).toMatchObject({ name: "CRM", url: "https://x.example", types: ["call.ended"], data: {}, signature: "v1a" });
});

it("name, address and one type are needed", () => {
  expect(faultsOf({ ...formOf(undefined), types: " \n" })).toEqual({ name: true, url: true, types: true });
  expect(faultsOf(formOf(view))).toEqual({});
});

it("a fault of the server stands at its list and names the line", () => {
  expect(faultOfLines({ "types.1": "there is no such type" }, "types", ["call.*", "cal"])).toBe("cal: there is no such type");
  expect(faultOfLines({ types: "name one" }, "types", [])).toBe("name one");
  expect(faultOfLines({ typesetting: "x" }, "types", [])).toBeUndefined();
});

it("what is switched off is neither failing nor gone", () => {
  expect(["working", "failing", "gone"].map((state) => stateOf({ enabled: true, state }))).toEqual(["working", "failing", "gone"]);
  expect(stateOf({ enabled: false, state: "failing" })).toBe("off");
});

it("an answer is told as far as one came", () => {
  expect([answerOf({ status: 204, error: null }), answerOf({ status: null, error: "timed out" }), answerOf({ status: 500, error: "busy" }), answerOf({ status: null, error: null })]).toEqual(["204", "timed out", "500 · busy", "–"]);
});
