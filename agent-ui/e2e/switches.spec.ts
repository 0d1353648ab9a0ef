import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, expectAccessible, expectNoOverflow, openBrowser, openDesk, photograph, signIn } from "./harness/browser.ts";
import { ADMIN, type Api, Daemon, items } from "./harness/daemon.ts";
import { Simulator } from "./harness/simulator.ts";

/** Phones of `fixtures/plans/csta.toml`, and its first queue. */
const PHONES = "1001-1008";
const QUEUE = "600; Support; 2";

let browser: Browser;
let manager: Simulator;
let csta: Simulator;
let daemon: Daemon;
let api: Api;
let desk: Desk;

beforeAll(async () => {
  [browser, manager, csta, daemon] = await Promise.all([
    openBrowser(),
    Simulator.start({ plan: "fixtures/plans/desk.toml" }),
    Simulator.start({ plan: "fixtures/plans/csta.toml", face: "csta-xml" }),
    Daemon.start({ people: [ADMIN] }),
  ]);
  api = await daemon.signIn(ADMIN);
  desk = await openDesk(browser, daemon.url);
  await signIn(desk.page, ADMIN);
  await desk.page.getByRole("button", { name: "Continue without a phone" }).click();
  await desk.page.getByRole("toolbar").first().waitFor();
});

afterAll(async () => {
  await desk?.context.close();
  await Promise.all([browser?.close(), daemon?.stop(), manager?.stop(), csta?.stop()]);
});

function field(page: Page, name: string): Locator {
  return page.getByRole("textbox", { name, exact: true });
}

async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await field(page, name).fill(value);
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`${label}$`) }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

/** Runs the path test with its button; every place that is named passes. */
async function passes(page: Page, places: readonly string[]): Promise<void> {
  await page.getByRole("button", { name: "Run all" }).click();
  const path = page.getByRole("list", { name: "Path test" });
  for (const place of places) await path.getByRole("listitem").filter({ hasText: place }).filter({ hasText: "passed" }).waitFor();
}

async function isUp(id: string): Promise<void> {
  await api.until("/v1/links", `the link of ${id} to be up`, (links) => items(links).some((link) => link.switch === id && link.state === "up"));
}

// covers: ADM-11 ADM-08
test("an admin adds an Asterisk and a CSTA switch in one list, changes both and tests both with the button", async () => {
  const { page } = desk;
  await page.goto(`${daemon.url}/admin/setup?switch=new`);
  await fill(page, { Name: "Praha", Address: "127.0.0.1", Port: String(manager.port), "Listening user": "cti-ev", "Acting user": "cti-act", "Default context": "phones" });
  const passwords = page.locator("input[type=password]");
  await passwords.nth(0).fill("lab-ev");
  await passwords.nth(1).fill("lab-act");
  await page.getByRole("textbox", { name: "Public numbers of the house" }).fill("+42055520XXXX; 8-11");
  await fill(page, { "Try a number": "555 201 234" });
  await page.getByText("Extension 1234", { exact: true }).waitFor();
  await passes(page, ["Address and port", "Event flow"]);
  await page.getByRole("button", { name: "Save" }).click();
  await isUp("praha");

  await page.getByRole("button", { name: "Add" }).click();
  await choose(page, "Kind of switch", "CSTA XML");
  await choose(page, "Dialect", "Mitel MiVoice MX-ONE");
  expect(await field(page, "Port").inputValue(), "the usual port of the dialect").toBe("8882");
  await choose(page, "Dialect", "ECMA-323");
  await fill(page, { Name: "Brno", Address: "127.0.0.1", Port: String(csta.port), "Followed phones": "1008-1001", Queues: QUEUE });
  await page.getByRole("button", { name: "Save" }).click();
  // What only the server knows of is said where it is to be mended.
  await page.getByText("is no number or range", { exact: false }).first().waitFor();
  expect(await field(page, "Followed phones").getAttribute("aria-invalid")).toBe("true");
  await fill(page, { "Followed phones": PHONES });
  await passes(page, ["Address and port", "Session", "Follow devices"]);
  await page.getByRole("button", { name: "Save" }).click();
  await isUp("brno");
  await page.getByText(/Followed devices: (\d+) of \1\b/).waitFor();
  await expectAccessible(page);
  await expectNoOverflow(page);
  await photograph(page, "switches-csta");

  for (const [id, before, after] of [["praha", "Praha", "Praha 4"], ["brno", "Brno", "Brno 2"]] as const) {
    await page.getByRole("row", { name: new RegExp(before) }).click();
    await page.waitForURL(new RegExp(`switch=${id}`));
    await page.getByRole("heading", { name: before, level: 2, exact: true }).waitFor();
    await fill(page, { Name: after });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: new RegExp(after) }).waitFor();
    await passes(page, id === "brno" ? ["Follow devices"] : ["Event flow"]);
  }
  const kept = items(await api.get("/v1/switches")).map(({ name, kind, csta: speech }) => ({ name, kind, speech }));
  expect(kept).toMatchObject([
    { name: "Brno 2", kind: "csta-xml", speech: { dialect: "ecma-323", stations: [PHONES], queues: [{ number: "600", name: "Support", wrap_up_s: 2 }] } },
    { name: "Praha 4", kind: "asterisk", speech: null },
  ]);
});
