import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { type Desk, openDesk } from "./browser.ts";
import { type Api, type Json, type Person, items } from "./daemon.ts";

/** Gives each person the phone beside their name and the queue member that sits there, as an administrator does. */
export async function giveLines(admin: Api, lines: Readonly<Record<string, Person>>): Promise<void> {
  const users = items(await admin.get("/v1/users?limit=200"));
  for (const [extension, { login }] of Object.entries(lines)) {
    const user = users.find((one) => one.login === login)?.id;
    await admin.post("/v1/assignments", { device: await deviceOf(admin, extension), user, kind: "fixed", primary: true });
    const isIt = (agent: Json) => agent.extension === extension;
    const agents = await admin.until("/v1/agents?limit=200", `the member at ${extension}`, (list) => items(list).some(isIt));
    await admin.put(`/v1/agents/${String(items(agents).find(isIt)?.id)}/user`, { user });
  }
}

/** The id of a phone. */
export async function deviceOf(api: Api, extension: string): Promise<string> {
  const isIt = (device: Json) => device.extension === extension && device.kind === "station";
  const list = await api.until("/v1/devices?limit=200", `the phone ${extension}`, (devices) => items(devices).some(isIt));
  return String(items(list).find(isIt)?.id);
}

/** Sets how long the work after a call of a queue lasts. */
export async function setWrapUp(admin: Api, queue: string, seconds: number): Promise<void> {
  const found = items(await admin.get("/v1/queues")).find((one) => one.name === queue);
  await admin.ask("PATCH", `/v1/queues/${String(found?.id)}`, { wrap_up_ms: seconds * 1_000 });
}

/** An agent's browser at work: signed in, phone chosen, connected. */
export async function sitDown(browser: Browser, url: string, person: Person): Promise<Desk> {
  const desk = await openDesk(browser, url, {}, person);
  await desk.page.getByRole("button", { name: "Work at this phone" }).click();
  await connected(desk.page);
  return desk;
}

/** Another tab of somebody who sits already. */
export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  // A tab asks once whether this is the phone to work at.
  await page.getByRole("button", { name: "Work at this phone" }).or(bar(page)).first().waitFor();
  if (!(await bar(page).isVisible())) await page.getByRole("button", { name: "Work at this phone" }).click();
  await connected(page);
  return page;
}

/** Waits until the page has its whole picture. */
export async function connected(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Connections\. This computer: connected, Server: connected, PBX: connected/ }).waitFor();
}

/** The phone bar. */
export function bar(page: Page): Locator {
  return page.getByRole("toolbar", { name: "Phone bar" });
}

/** My state, as the bar says it. */
export function myState(page: Page, word: string): Locator {
  return bar(page).getByRole("button", { name: new RegExp(`^My state: ${word}`) });
}

/** The card of a call that rings. */
export function card(page: Page): Locator {
  return page.getByRole("group", { name: "Incoming call" });
}

/** The view of a call on the stage, in one of its phases if given. */
export function callView(page: Page, phase?: "ringing" | "live" | "wrap_up" | "ended"): Locator {
  return page.locator(phase === undefined ? "article[data-call]" : `article[data-call][data-phase="${phase}"]`);
}

/** The place of the calls in the bar, once the phone is known and nothing is under way. */
export function myDeviceLine(page: Page): Locator {
  return bar(page).getByText("No call");
}
