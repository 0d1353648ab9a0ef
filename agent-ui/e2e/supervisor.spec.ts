import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectAccessible, expectNoOverflow, photograph } from "./harness/browser.ts";
import { items } from "./harness/daemon.ts";
import { look } from "./harness/forms.ts";
import { ANNA, BORIS, CYRIL, DANA, GRETA, KNOWN, type Scene, UNKNOWN } from "./harness/scene.ts";
import { deviceOf, myState } from "./harness/seats.ts";
import { HELENA, choose as chooseFor, rest, teamScene } from "./harness/team.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await teamScene();
});

afterEach(() => scene.clear());
afterAll(() => rest(scene));

const tile = (page: Page, name: string): Locator => page.getByRole("row", { name: new RegExp(`^${name}, `) });
const team = (page: Page): Locator => page.getByRole("region", { name: "Team praha" });
const counter = (page: Page, text: string): Locator => page.getByRole("group", { name: "Show by state" }).getByRole("button", { name: text, exact: true }).or(page.getByRole("radiogroup", { name: "Show by state" }).getByRole("radio", { name: text, exact: true }));
const view = (page: Page, name: string): Locator => page.getByRole("radiogroup", { name: "View" }).getByRole("radio", { name });
const alerts = (page: Page): Locator => page.getByRole("list", { name: "Alerts" });

/** Helena's browser with the live view. */
async function liveView(): Promise<Awaited<ReturnType<Scene["desk"]>>> {
  const desk = await scene.desk(HELENA);
  await desk.page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "Live" }).click();
  await desk.page.getByRole("heading", { name: "Live view", level: 2 }).waitFor();
  for (const one of [ANNA, BORIS, CYRIL, DANA, GRETA]) await tile(desk.page, one.name).waitFor();
  return desk;
}

const choose = (who: typeof BORIS, wish: object): Promise<void> => chooseFor(scene, who, wish);

// covers: SUP-02 SUP-04
test("the supervisor sees each agent with number and state, where nobody moves, and the queues of one", async () => {
  const { page, complaints } = await liveView();
  await tile(page, BORIS.name).getByText("1002").waitFor();
  await counter(page, "Ready: 5").waitFor();
  const before = await tile(page, BORIS.name).boundingBox();
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await tile(page, BORIS.name).getByText("Ringing").waitFor();
  await counter(page, "Ringing: 1").waitFor();
  await scene.simulator.order("answer 1002");
  await tile(page, BORIS.name).getByText("On call").waitFor();
  await tile(page, BORIS.name).getByText("1002 · Hlášení škod").waitFor();
  expect(await tile(page, BORIS.name).boundingBox(), "the place of a tile").toEqual(before);
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await tile(page, BORIS.name).getByText("Ready").waitFor();
  await choose(BORIS, { state: "paused", reason: "lunch" });
  await tile(page, BORIS.name).getByText("Lunch").waitFor();
  await tile(page, BORIS.name).click();
  await page.getByRole("menuitem", { name: "Details" }).click();
  const details = page.getByRole("dialog", { name: BORIS.name });
  await details.getByText("Hlášení škod (paused)").waitFor();
  await page.keyboard.press("Escape");
  await choose(BORIS, { state: "ready" });
  await tile(page, BORIS.name).getByText("Ready").waitFor();
  expect(complaints).toEqual([]);
});

// covers: SUP-02
test("a state or a queue that is chosen lets its people stand out, and nobody goes away", async () => {
  const { page } = await liveView();
  await choose(GRETA, { state: "paused", reason: "lunch" });
  await counter(page, "On pause: 1").click();
  await expect.poll(() => team(page).locator("[data-dim]").count()).toBe(4);
  expect(await tile(page, GRETA.name).getAttribute("data-dim")).toBeNull();
  await counter(page, "On pause: 1").click();
  await expect.poll(() => team(page).locator("[data-dim]").count()).toBe(0);
  await page.getByRole("button", { name: "Show members of Reklamace" }).click();
  await expect.poll(() => team(page).locator("[data-dim]").count()).toBe(2);
  await page.getByRole("button", { name: "Show members of Reklamace" }).click();
  await page.getByRole("searchbox", { name: "Find an agent" }).fill("cyr");
  await expect.poll(() => team(page).locator("[data-dim]").count()).toBe(4);
  await page.getByRole("searchbox", { name: "Find an agent" }).fill("");
  await view(page, "State").click();
  await page.getByRole("region", { name: "On pause" }).getByText(GRETA.name).waitFor();
  await choose(GRETA, { state: "ready" });
  await page.getByRole("region", { name: "Ready" }).getByText(GRETA.name).waitFor();
});

// covers: SUP-02 AGT-07
test("by keyboard alone the supervisor sets the state of an agent, who finds it so", async () => {
  const boris = await scene.desk(BORIS);
  const { page, complaints } = await liveView();
  await tile(page, ANNA.name).focus();
  await page.keyboard.press("ArrowRight");
  expect(await tile(page, BORIS.name).evaluate((row) => row === document.activeElement)).toBe(true);
  await page.keyboard.press("Enter");
  const menu = page.getByRole("menu", { name: `Actions: ${BORIS.name}` });
  await menu.waitFor();
  await page.keyboard.type("Lunch");
  await page.keyboard.press("Enter");
  await myState(boris.page, "Lunch").waitFor();
  await tile(page, BORIS.name).getByText("Lunch").waitFor();
  expect(await tile(page, BORIS.name).evaluate((row) => row === document.activeElement), "the focus is back").toBe(true);
  await choose(BORIS, { state: "ready" });
  await tile(page, BORIS.name).getByText("Ready").waitFor();
  // Who may only see the state of others is told so.
  await boris.page.goto(`${scene.daemon.url}/live`);
  await tile(boris.page, ANNA.name).click();
  expect(await boris.page.getByRole("menuitem", { name: /Lunch/ }).getAttribute("aria-disabled")).toBe("true");
  await boris.page.getByText("You may not change the state of others").waitFor();
  expect([...complaints, ...boris.complaints]).toEqual([]);
});

// covers: SUP-06 SUP-18 SUP-20
test("live calls have running times and go with their end, and the figures of a queue match", async () => {
  const { page, complaints } = await liveView();
  await view(page, "Calls").click();
  await page.getByText("No live calls").waitFor();
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  const calls = page.getByRole("grid", { name: "Live calls" });
  const row = calls.getByRole("row").filter({ hasText: "Hlášení škod" });
  await row.getByText("+420 605 550 142").waitFor();
  const queue = page.getByRole("table", { name: "Queues" }).getByRole("row", { name: /Hlášení škod/ });
  await queue.getByRole("cell").first().getByText("1", { exact: true }).waitFor();
  await page.getByRole("list", { name: "Waiting callers" }).getByText("Hlášení škod").waitFor();
  const wait = row.getByRole("gridcell").nth(4);
  const early = await wait.innerText();
  await expect.poll(() => wait.innerText(), { timeout: 5_000 }).not.toBe(early);
  await scene.simulator.order("answer 1002");
  await row.getByText(BORIS.name).waitFor();
  const talk = row.getByRole("gridcell").nth(5);
  await expect.poll(() => talk.innerText(), { timeout: 5_000 }).toMatch(/^00:0[1-9]$/);
  await queue.getByRole("cell").first().getByText("0", { exact: true }).waitFor();
  await page.getByText("Nobody waits").waitFor();
  await page.getByRole("button", { name: "Overview" }).click();
  const overview = page.getByRole("grid", { name: "Queues" }).getByRole("row", { name: /Hlášení škod/ });
  // Agents, free, busy, waiting.
  await expect.poll(async () => (await overview.getByRole("gridcell").allInnerTexts()).slice(0, 4)).toEqual(["1", "0", "1", "0"]);
  await view(page, "Calls").click();
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await page.getByText("No live calls").waitFor();
  // He dials out once; then what was answered and made is counted, too.
  await scene.simulator.order("call 1002 0605550142");
  await row.or(calls.getByRole("row").filter({ hasText: "dialled" })).first().waitFor();
  await scene.simulator.order("hangup 1002");
  await page.getByText("No live calls").waitFor();
  await page.getByRole("button", { name: "Overview" }).click();
  const today = async () => (await overview.getByRole("gridcell").allInnerTexts()).filter((_, at) => at === 5 || at === 7);
  await expect.poll(today, { timeout: 15_000 }).toEqual([expect.stringMatching(/^[1-9]/), "1"]);
  expect(complaints).toEqual([]);
});

// covers: SUP-07 SUP-17
test("what is over a limit is told once and goes when it is over", async () => {
  const { page, complaints } = await liveView();
  await alerts(page).getByText("English line: 1 agent left").waitFor();
  await page.getByRole("button", { name: "Limits" }).click();
  await page.getByRole("textbox", { name: "Longest wait, seconds" }).fill("1");
  await page.getByRole("button", { name: "Save" }).click();
  const waits = alerts(page).getByText("Hlášení škod: waiting over 00:01");
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  await waits.waitFor();
  await page.getByRole("button", { name: /^Members: Hlášení škod: waiting/ }).click();
  await expect.poll(() => team(page).locator("[data-dim]").count()).toBe(4);
  await scene.simulator.order(`hangup ${UNKNOWN}`);
  await waits.waitFor({ state: "detached" });
  await choose(GRETA, { state: "paused", reason: "lunch" });
  await alerts(page).getByText("English line: no agent left").waitFor();
  expect(await alerts(page).getByText("English line: 1 agent left").count()).toBe(0);
  await choose(GRETA, { state: "ready" });
  await alerts(page).getByText("English line: 1 agent left").waitFor();
  await page.getByRole("button", { name: "Limits" }).click();
  await page.getByRole("button", { name: /Agents left in a queue/ }).click();
  await page.getByRole("option", { name: "Never" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Nothing needs you").waitFor();
  expect(complaints).toEqual([]);
});

// covers: SUP-07 SUP-17
test("a supervisor sets the limits of a queue, hears once of its crossing, and reads afterwards that it is over", async () => {
  const { page, complaints } = await liveView();
  await page.getByRole("button", { name: "Limits" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "When to be alerted" });
  await dialog.getByRole("radio", { name: "Of a queue" }).press("Enter");
  await dialog.getByRole("button", { name: /Queue$/ }).click();
  await page.getByRole("option", { name: "Reklamace" }).click();
  await dialog.getByRole("textbox", { name: "Callers waiting" }).fill("1");
  await dialog.getByText("Ends at 0 or less.").waitFor();
  await photograph(page, "live-limits.en.light.wide");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await scene.simulator.order(`call ${UNKNOWN} 420555000602`);
  const told = alerts(page).getByRole("listitem").filter({ hasText: "Reklamace: 1 or more waiting" });
  await told.getByText(/now 1/).waitFor();
  expect(await told.count()).toBe(1);
  const over = page.getByRole("list", { name: "Last ended" }).getByText("Reklamace: 1 or more waiting");
  expect(await over.count(), "what lasts is not over").toBe(0);
  await told.getByRole("button", { name: /^Members: Reklamace/ }).press("Enter");
  await expect.poll(() => team(page).locator("[data-dim]").count()).toBe(2);
  await look(page, "live-alerts");
  await page.setViewportSize({ width: 400, height: 860 });
  await told.scrollIntoViewIfNeeded();
  await photograph(page, "live-alerts-list.en.light.narrow");
  await page.setViewportSize({ width: 1440, height: 900 });
  await scene.simulator.order(`hangup ${UNKNOWN}`);
  await told.waitFor({ state: "detached" });
  await over.waitFor();
  await page.getByText(/^ended at/).first().waitFor();
  await photograph(page, "live-alerts-over.en.light.wide");
  const reklamace = items(await scene.api.get("/v1/queues")).find((one) => one.name === "Reklamace")?.id;
  expect(await scene.api.get(`/v1/queues/${String(reklamace)}/limits`)).toMatchObject({ waiting: 1 });
  await scene.api.put(`/v1/queues/${String(reklamace)}/limits`, {});
  expect(complaints).toEqual([]);
});

// covers: SUP-02
test("the live view is calm and accessible in light and dark, wide and narrow", async () => {
  const { page, complaints } = await liveView();
  await choose(GRETA, { state: "paused", reason: "lunch" });
  await choose(CYRIL, { state: "paused", reason: "meeting" });
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await scene.simulator.order("answer 1002");
  await scene.simulator.order(`call ${UNKNOWN} 420555000600`);
  await tile(page, ANNA.name).getByText("Ringing").waitFor();
  await tile(page, GRETA.name).getByText("Lunch").waitFor();
  const shots = [["team", "Team"], ["state", "State"], ["calls", "Calls"], ["queues", "Queues"]] as const;
  for (const [nth, [name, word]] of shots.entries()) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await view(page, word).click();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await photograph(page, `live-${name}.en.${colorScheme}.wide`);
      // Both looks are looked at, though not each with each view.
      if ((nth % 2 === 0) === (colorScheme === "light")) await expectAccessible(page);
    }
    await expectNoOverflow(page);
    await page.setViewportSize({ width: 400, height: 860 });
    await photograph(page, `live-${name}.en.dark.narrow`);
    await expectNoOverflow(page);
  }
  await expectAccessible(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await view(page, "Team").click();
  await counter(page, "On call: 1").click();
  await tile(page, BORIS.name).click();
  await page.getByRole("menu").waitFor();
  await page.emulateMedia({ colorScheme: "light" });
  await photograph(page, "live-menu.en.light.wide");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expectAccessible(page);
  await choose(GRETA, { state: "ready" });
  await choose(CYRIL, { state: "ready" });
  expect(complaints).toEqual([]);
});

// covers: TEL-16
test("a supervisor listens with the own phone, sees that it hears, and stops; the talk goes on", async () => {
  const phone = "1008";
  const IVANA = { login: "ivana", name: "Ivana Horká", role: "supervisor", password: "ivana-e2e-2026", phone };
  const { id: user } = await scene.api.post("/v1/users", { login: IVANA.login, name: IVANA.name, roles: [IVANA.role], team: "praha", language: "en", password: IVANA.password });
  const { id: seat } = await scene.api.post("/v1/assignments", { device: await deviceOf(scene.api, phone), user, kind: "fixed", primary: true });
  const { page, complaints } = await scene.desk(IVANA);
  await page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "Live" }).click();
  await tile(page, BORIS.name).click();
  expect(await page.getByRole("menuitem", { name: /^Listen/ }).getAttribute("aria-disabled"), "nobody talks").toBe("true");
  await page.keyboard.press("Escape");
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await tile(page, BORIS.name).getByText("Ringing").waitFor();
  await scene.simulator.order("answer 1002");
  await tile(page, BORIS.name).getByText("On call").waitFor();
  await tile(page, BORIS.name).click();
  await page.getByRole("menuitem", { name: /^Listen/ }).click();
  // The phone takes the call once it rings; until then nothing is said to be heard.
  await expect.poll(() => scene.simulator.order(`answer ${phone}`).then(() => "answered", String)).toBe("answered");
  await page.getByText(`Your phone listens to ${BORIS.name}`).waitFor();
  await expectAccessible(page);
  await photograph(page, "supervisor-listens");
  await page.getByRole("button", { name: "Stop listening" }).click();
  await page.getByText(`Your phone listens to ${BORIS.name}`).waitFor({ state: "detached" });
  await tile(page, BORIS.name).getByText("On call").waitFor();
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  expect(complaints).toEqual([]);
  await scene.api.ask("DELETE", `/v1/assignments/${String(seat)}`);
  await scene.api.ask("DELETE", `/v1/users/${String(user)}`);
});
