import { expect, it } from "vitest";
import { DIALPLAN, freshSecret, managerSnippet } from "./snippetTexts";
import { NEW_SWITCH } from "./switchForm";

it("the text for manager.conf carries the users and secrets of the form", () => {
  const text = managerSnippet({ ...NEW_SWITCH, user: "tl-ev", password: "one$&", user_actions: "tl-act" }, "(stored)");
  expect(text).toContain("[tl-ev]\nsecret = one$&\n");
  expect(text).toContain("[tl-act]\nsecret = (stored)\n");
  expect(text).not.toContain("@");
});

it("the include file is the one that the daemon writes", () => {
  expect(DIALPLAN).toContain("[tieline-hold]");
});

it("secrets are long and differ", () => {
  expect(freshSecret()).toMatch(/^[A-Za-z2-9]{32}$/);
  expect(freshSecret()).not.toBe(freshSecret());
});
