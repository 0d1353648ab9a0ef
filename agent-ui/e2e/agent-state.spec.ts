import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectAccessible, photograph, signIn } from "./harness/browser.ts";
import { type Json, items } from "./harness/daemon.ts";
import { ANNA, BORIS, KNOWN, type Scene } from "./harness/scene.ts";
import { bar, callView, card, myState, setWrapUp } from "./harness/seats.ts";
import { HELENA, rest, teamScene } from "./harness/team.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await teamScene();
});

afterEach(() => scene.clear());
afterAll(() => rest(scene));

const menuItem = (page: Page, name: string): Locator => page.getByRole("menuitem", { name: new RegExp(`^${name}`) });
const then = (page: Page, state: string): Locator => bar(page).getByText(`then ${state}`);

/** Somebody alone in a queue talks. */
async function talking(page: Page, { phone }: typeof ANNA): Promise<void> {
  await scene.simulator.order(`call ${KNOWN.number} 42055500060${Number(phone.slice(-1)) - 1}`);
  await card(page).waitFor();
  await scene.simulator.order(`answer ${phone}`);
  await callView(page, "live").waitFor();
}

/** The end of the present wrap-up, in ms. */
async function wrapUpEnd(): Promise<number> {
  const agents = items(await scene.api.get("/v1/agents?limit=200"));
  const { state } = agents.find((one) => one.extension === BORIS.phone) ?? {};
  return Date.parse(String((state as Json | undefined)?.wrap_up_until));
}

// covers: AGT-07
test("a state chosen during a call waits for its end, is seen meanwhile, and can be taken back", async () => {
  const { page, complaints } = await scene.desk(ANNA);
  await talking(page, ANNA);
  await myState(page, "On call").click();
  await page.getByRole("menuitemcheckbox", { name: /^After this call/, checked: true }).waitFor();
  await photograph(page, "state-menu-call.en.light.wide");
  await expectAccessible(page);
  await menuItem(page, "Lunch").click();
  await then(page, "Lunch").waitFor();
  await bar(page).getByRole("button", { name: "Do not change to Lunch" }).click();
  await then(page, "Lunch").waitFor({ state: "detached" });
  await myState(page, "On call").click();
  await menuItem(page, "Lunch").click();
  await then(page, "Lunch").waitFor();
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await callView(page, "wrap_up").waitFor();
  // Neither the wish nor the note is lost in the time after the call.
  await then(page, "Lunch").waitFor();
  await photograph(page, "wrap-up-pending.en.light.wide");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save, then Lunch" }).click();
  await myState(page, "Lunch").waitFor();
  await myState(page, "Lunch").click();
  await menuItem(page, "Ready").click();
  await myState(page, "Ready").waitFor();
  expect(complaints).toEqual([]);
});

// covers: AGT-07
test("the time after a call is lengthened by a minute and ended by a key", async () => {
  // The switch itself has no long pause after a call of this queue.
  await setWrapUp(scene.api, "Hlášení škod", 45);
  const { page, complaints } = await scene.desk(BORIS);
  await talking(page, BORIS);
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await callView(page, "wrap_up").waitFor();
  const end = await wrapUpEnd();
  await bar(page).getByRole("button", { name: "1 min more" }).click();
  await expect.poll(wrapUpEnd, { timeout: 5_000 }).toBeGreaterThanOrEqual(end + 59_000);
  await page.keyboard.press("Alt+Shift+W");
  await myState(page, "Ready").waitFor();
  await setWrapUp(scene.api, "Hlášení škod", 1);
  expect(complaints).toEqual([]);
});

// covers: AGT-07
test("an agent whose state somebody else set is told who did it", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  const { agent } = await (await scene.daemon.signIn(BORIS)).get("/v1/me");
  const helena = await scene.daemon.signIn(HELENA);
  await helena.put(`/v1/agents/${String(agent)}/state`, { state: "paused", reason: "lunch" });
  await myState(page, "Lunch").waitFor();
  await page.getByText(`${HELENA.name} changed your state`).first().waitFor();
  await helena.put(`/v1/agents/${String(agent)}/state`, { state: "ready" });
  await myState(page, "Ready").waitFor();
  expect(complaints).toEqual([]);
});

// covers: SUP-19 SUP-21
test("the supervisor reads when an agent answered last, from which queue, and when and from where it signed in", async () => {
  // The form itself, not a session handed to the browser: this is about signing in.
  const { page: own } = await scene.open();
  await signIn(own, BORIS);
  const { page, complaints } = await scene.desk(HELENA);
  await page.goto(`${scene.daemon.url}/live`);
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await page.getByRole("row", { name: new RegExp(`^${BORIS.name}, Ringing`) }).waitFor();
  await scene.simulator.order("answer 1002");
  await page.getByRole("row", { name: new RegExp(`^${BORIS.name}, On call`) }).click();
  await page.getByRole("menuitem", { name: "Details" }).click();
  const details = page.getByRole("dialog", { name: BORIS.name });
  await details.getByText("Last call answered").waitFor();
  await details.getByText(/^\d\d:\d\d · Hlášení škod$/).waitFor();
  await details.getByText("Last sign-in").waitFor();
  await details.getByText(/Chrome/).waitFor();
  await photograph(page, "live-details.en.light.wide");
  await expectAccessible(page);
  expect(complaints).toEqual([]);
});
