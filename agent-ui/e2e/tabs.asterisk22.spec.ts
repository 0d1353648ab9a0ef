import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "./harness/browser.ts";
import { ADMIN, ANNA, type Api, Daemon, items } from "./harness/daemon.ts";
import { Laboratory } from "./harness/laboratory.ts";
import { OtherSite } from "./harness/other-site.ts";
import { callView, card, giveLines, openTab, setWrapUp, sitDown } from "./harness/seats.ts";

const SUPPORT = "420555000600";

let browser: Browser;
let lab: Laboratory;
let daemon: Daemon;
let admin: Api;
let crm: OtherSite;

beforeAll(async () => {
  [browser, lab, crm] = await Promise.all([openBrowser(), Laboratory.start(["1001"]), OtherSite.start()]);
  daemon = await Daemon.start({ switch: lab.switch, people: [ADMIN, ANNA] });
  admin = await daemon.signIn(ADMIN);
  await giveLines(admin, { "1001": ANNA });
  await setWrapUp(admin, "support", 0);
  const template = `${crm.url}/customer?phone={number.digits}&agent={agent.login}`;
  await admin.post("/v1/pop_rules", { name: "CRM", direction: "inbound", scope: "external", trigger: "alerting", url_template: template });
});

afterAll(async () => {
  await Promise.all([browser?.close(), daemon?.stop(), lab?.stop(), crm?.stop()]);
});

/**
 * The page is behind another window, and what it announces to the operating system is counted. The headless browser has no
 * notifications and refuses them for ever, so a stand-in of the browser's class takes them.
 */
async function putBehind(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    Object.defineProperty(document, "hidden", { get: () => true });
    const shown: string[] = [];
    class Taken extends EventTarget {
      static readonly permission = "granted";
      constructor(title: string, options?: NotificationOptions) {
        super();
        shown.push(`${title}: ${options?.body ?? ""}`);
      }
      close(): void {}
    }
    Object.assign(window, { Notification: Taken, notificationsShown: shown });
  });
}

async function notifications(page: Page): Promise<string[]> {
  return page.evaluate<string[]>("notificationsShown");
}

// covers: POP-01 POP-24
test("two tabs and a second browser of one person show the card each, and open one page and one notification together", async () => {
  const first = await sitDown(browser, daemon.url, ANNA);
  const second = await sitDown(browser, daemon.url, ANNA);
  const contexts = [first.context, second.context];
  for (const context of contexts) await putBehind(context);
  const pages = [first.page, await openTab(first.context, daemon.url), second.page];
  await Promise.all([first.page, second.page].map((page) => page.reload()));
  await Promise.all(pages.map((page) => page.getByRole("button", { name: /Server: connected, PBX: connected/ }).waitFor()));
  const opened: string[] = [];
  for (const context of contexts) context.on("page", (page) => opened.push(page.url()));
  await lab.dial("customer", SUPPORT);
  await Promise.all(pages.map((page) => card(page).waitFor()));
  await crm.asked(1);
  // The page is told of once; both the other tab and the other browser have their card and nothing else.
  await admin.until("/v1/pops", "the opened window in the log", (pops) => items(pops)[0]?.opened === true);
  await lab.answer("1001");
  await Promise.all(pages.map((page) => callView(page, "live").waitFor()));
  expect(crm.requests).toEqual(["/customer?phone=420555111222&agent=anna"]);
  expect(opened).toHaveLength(1);
  const told = (await Promise.all(pages.map(notifications))).flat();
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("Incoming call – support");
  // Nothing is opened again by a reload in the call.
  await Promise.all(pages.map((page) => page.reload()));
  await Promise.all(pages.map((page) => callView(page, "live").waitFor()));
  await lab.hangUp("customer");
  await Promise.all(pages.map((page) => callView(page, "live").waitFor({ state: "detached" })));
  expect(crm.requests).toHaveLength(1);
  expect(items(await admin.get("/v1/pops"))).toHaveLength(1);
  expect([...first.complaints, ...second.complaints]).toEqual([]);
});
