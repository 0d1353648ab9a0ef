import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "./harness/browser.ts";
import { ADMIN, ANNA, type Api, Daemon, items } from "./harness/daemon.ts";
import { Laboratory } from "./harness/laboratory.ts";
import { bar, callView, connected, giveLines, myState, setWrapUp, sitDown } from "./harness/seats.ts";

const SUPPORT = "420555000600";
const NOTE = "Wants the offer by Friday";

let browser: Browser;
let lab: Laboratory;
let daemon: Daemon;
let admin: Api;

beforeAll(async () => {
  [browser, lab] = await Promise.all([openBrowser(), Laboratory.start(["1001"])]);
  daemon = await Daemon.start({ switch: lab.switch, people: [ADMIN, ANNA] });
  admin = await daemon.signIn(ADMIN);
  await giveLines(admin, { "1001": ANNA });
  await setWrapUp(admin, "support", 2);
});

afterAll(async () => {
  await Promise.all([browser?.close(), daemon?.stop(), lab?.stop()]);
});

// covers: AGT-30 POP-01
test("a reload and a restart of the daemon in a call change nothing, and the call view is the same element", async () => {
  const { page, complaints } = await sitDown(browser, daemon.url, ANNA);
  await lab.dial("customer", SUPPORT);
  await callView(page, "ringing").waitFor();
  const ringing = await callView(page).elementHandle();
  await lab.answer("1001");
  await callView(page, "live").waitFor();
  const id = await callView(page).getAttribute("data-call");
  expect(await ringing?.evaluate((node) => node === document.querySelector("article[data-call]")), "one element from ring to talk").toBe(true);
  await page.reload();
  await callView(page, "live").waitFor();
  expect(await callView(page).getAttribute("data-call")).toBe(id);
  await myState(page, "On call").waitFor();
  await page.getByRole("textbox", { name: "Note" }).pressSequentially(NOTE);
  await page.getByText(/^saved \d/).waitFor();

  const view = await callView(page).elementHandle();
  const line = await bar(page).getByRole("region", { name: /^Line: / }).elementHandle();
  for (const node of [view, line]) await node?.evaluate((element) => Object.assign(element, { markOfTest: 42 }));
  const cursor = await page.getByRole("textbox", { name: "Note" }).evaluate((node) => node === document.activeElement);
  expect(cursor).toBe(true);
  await daemon.kill();
  await page.getByText(/^No connection to the server for/).first().waitFor();
  // What was on the desk stays there meanwhile.
  expect(await callView(page, "live").count()).toBe(1);
  await daemon.serve();
  await connected(page);
  await callView(page, "live").waitFor();
  for (const node of [view, line]) {
    const kept = await node?.evaluate((element) => ({ isThere: element.isConnected, mark: Reflect.get(element, "markOfTest") }));
    expect(kept, "the same element").toEqual({ isThere: true, mark: 42 });
  }
  expect(await callView(page).getAttribute("data-call")).toBe(id);
  expect(await page.getByRole("textbox", { name: "Note" }).inputValue()).toBe(NOTE);
  await myState(page, "On call").waitFor();
  await lab.hangUp("customer");
  await callView(page, "wrap_up").waitFor();
  await myState(page, "Ready").waitFor();
  expect(items(await admin.get("/v1/pops")), "no second pop").toHaveLength(1);
  expect(complaints.filter((text) => !/ERR_CONNECTION_REFUSED|WebSocket connection/.test(text))).toEqual([]);
});
