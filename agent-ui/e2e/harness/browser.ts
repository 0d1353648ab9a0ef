import { mkdir } from "node:fs/promises";
import axe from "axe-core";
import { type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { expect } from "vitest";
import type { Person } from "./daemon.ts";
import { ENGINE, mendDriver } from "./engine.ts";
import { fromTop } from "./program.ts";

export { openBrowser, sharedBrowser } from "./engine.ts";

/** How long a page may take to what a spec waits for. */
const STEP_MS = 15_000;

/** A person's browser with the desk in it. */
export interface Desk {
  context: BrowserContext;
  page: Page;
  /** What the page complained about: script errors, refused resources, breaches of the content policy. */
  complaints: string[];
}

/**
 * Opens the desk as nobody has used it before. English, unless `settings.locale` says otherwise. A `person` comes with a
 * session: the form is proved by its own specs.
 */
export async function openDesk(browser: Browser, url: string, settings: BrowserContextOptions = {}, person?: Person): Promise<Desk> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 }, ...settings });
  context.setDefaultTimeout(STEP_MS);
  await mendDriver(context);
  if (person !== undefined) await enter(context, url, person);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // The browser says what is wrong, and beside it of which address.
    if (message.type() === "error" && !isUsual(message.text())) complaints.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(url);
  return { context, page, complaints };
}

/** Gives the browser the cookie that signing in gives. */
async function enter(context: BrowserContext, url: string, { login, password }: Person): Promise<void> {
  const answer = await context.request.post(`${url}/v1/auth/login`, { data: { login, password } });
  if (!answer.ok()) throw new Error(`${login} cannot sign in: ${answer.status()} ${await answer.text()}`);
}

/** Before anybody has signed in, the API says so; browsers write that down as an error. */
function isUsual(text: string): boolean {
  return text.includes("401 (Unauthorized)");
}

/** Signs in on the page that shows the sign-in form. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await page.locator("input[name=login]").fill(person.login);
  await page.locator("input[name=password]").fill(person.password);
  await page.locator("button[type=submit]").click();
  await page.locator("input[name=password]").waitFor({ state: "detached" });
}

/**
 * Fails with what axe found on the page as it is now. In Chromium alone: the page is the same in every engine, and a tab
 * of Firefox 159 dies of being looked at by axe while a note has the focus.
 */
export async function expectAccessible(page: Page): Promise<void> {
  if (ENGINE !== "chromium") return;
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe.source);
  // React Aria's announcer names a button for some seconds, also after the button has gone.
  const found = await page.evaluate<axe.AxeResults>(
    'axe.run({ exclude: [["[data-live-announcer]"]] }, { resultTypes: ["violations"], preload: false })',
  );
  const words = found.violations.map(({ id, help, nodes }) => {
    const places = nodes.map((node) => `    ${node.target.join(" ")}: ${node.html} ${node.failureSummary ?? ""}`);
    return [`${id}: ${help}`, ...places].join("\n");
  });
  if (words.length > 0) throw new Error(`axe: ${words.join("\n")}`);
}

/** Nothing sticks out of the window sideways. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const size = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(size.scrollWidth, "width of the page").toBeLessThanOrEqual(size.clientWidth);
}

/**
 * Takes a picture into `target/screens`, to be looked at. Of Chromium alone: for a picture in Firefox the driver puts a
 * style into the page, which the page's policy refuses.
 */
export async function photograph(page: Page, name: string): Promise<string> {
  const folder = fromTop("target/screens");
  if (ENGINE !== "chromium") return "";
  await mkdir(folder, { recursive: true });
  const path = `${folder}/${name}.png`;
  await page.screenshot({ path, animations: "disabled" });
  return path;
}
