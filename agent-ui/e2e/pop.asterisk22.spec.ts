import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openBrowser, openDesk, signIn } from "./harness/browser.ts";
import { ADMIN, ANNA, type Api, Daemon, type Json, type Person, items } from "./harness/daemon.ts";
import { Laboratory } from "./harness/laboratory.ts";
import { note } from "./harness/scene.ts";
import { bar, callView, card, connected, giveLines, myState, setWrapUp, sitDown } from "./harness/seats.ts";

/** His phone is no member of any queue by the switch's file: he signs in and out. */
const DAVID: Person = { login: "david", name: "David Agent", role: "agent", password: "david-e2e-2026" };

/** Who sits at which phone; the queue `everyone` rings them all at once. */
const CREW: Record<string, Person> = {
  "1001": ANNA,
  "1002": { login: "boris", name: "Boris Agent", role: "agent", password: "boris-e2e-2026" },
  "1003": { login: "cecilia", name: "Cecilia Agent", role: "agent", password: "cecilia-e2e-2026" },
  "1004": DAVID,
  "1005": { login: "emil", name: "Emil Agent", role: "agent", password: "emil-e2e-2026" },
};
const EVERYONE = "420555000601";
const CUSTOMER = "+420\u00a0555\u00a0111\u00a0222";

let browser: Browser;
let lab: Laboratory;
let daemon: Daemon;
let admin: Api;

beforeAll(async () => {
  [browser, lab] = await Promise.all([openBrowser(), Laboratory.start(Object.keys(CREW))]);
  daemon = await Daemon.start({ switch: lab.switch, people: [ADMIN, ...Object.values(CREW)] });
  admin = await daemon.signIn(ADMIN);
  // 1001 to 1003 are members by the switch's own file.
  for (const extension of ["1004", "1005"]) await lab.join("everyone", extension);
  await giveLines(admin, CREW);
});

afterAll(async () => {
  await Promise.all([browser?.close(), daemon?.stop(), lab?.stop()]);
});

// A test that failed leaves no call to the next one.
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  if (items(await admin.get("/v1/calls?state=live")).length === 0) return;
  for (const customer of ["customer", "customer2"]) await lab.hangUp(customer).catch(() => undefined);
});

// covers: POP-01
test("of five agents that ring at once one answers, and four cards go without a trace", async () => {
  await setWrapUp(admin, "everyone", 0);
  const desks = await Promise.all(Object.values(CREW).map((person) => sitDown(browser, daemon.url, person)));
  const pages = desks.map((desk) => desk.page);
  await Promise.all(pages.map((page) => myState(page, "Ready").waitFor()));
  await lab.dial("customer2", EVERYONE);
  await Promise.all(pages.map((page) => card(page).waitFor()));
  const [first, second, third, fourth, fifth] = pages as [Page, Page, Page, Page, Page];
  const others = [first, second, fourth, fifth];
  // The card says who has it, and after a moment makes room.
  const told = Promise.all(others.map((page) => page.getByText("Answered by Cecilia Agent").waitFor()));
  await lab.answer("1003");
  await callView(third, "live").waitFor();
  await told;
  await Promise.all(others.map((page) => callView(page).waitFor({ state: "detached" })));
  await Promise.all(others.map((page) => myState(page, "Ready").waitFor()));
  for (const page of others) expect(await card(page).count()).toBe(0);
  await lab.hangUp("customer2");
  await myState(third, "Ready").waitFor();
  const log = await admin.get("/v1/pops");
  const rows = items(log).map((pop) => `${String(pop.state)} ${String(pop.reason ?? "")}`).sort();
  expect(rows).toEqual([...Array<string>(4).fill("retracted answered_elsewhere"), "shown "]);
  for (const { complaints } of desks) expect(complaints).toEqual([]);
  await nothingIsLeft();
});

// covers: POP-01 AGT-01 TEL-07
test("a card is painted before the answer, and the desk follows what the phone does", async () => {
  await setWrapUp(admin, "everyone", 30);
  const { page, complaints } = await sitDown(browser, daemon.url, ANNA);
  await myState(page, "Ready").waitFor();
  await lab.dial("customer", EVERYONE);
  await lab.rings("1001");
  await card(page).waitFor();
  // Painted and acknowledged while it still rings: nobody has touched a phone.
  const isPainted = (pop: Json) => pop.state === "shown" && typeof pop.latency_ms === "number";
  await admin.until("/v1/pops", "the painted card in the log", (pops) => items(pops).some(isPainted));
  await card(page).getByRole("heading", { name: "+420 555 111 222" }).waitFor();
  await myState(page, "Ringing").waitFor();
  await lab.answer("1001");
  await callView(page, "live").waitFor();
  await myState(page, "On call").waitFor();
  await bar(page).getByRole("region", { name: /^Line: / }).getByRole("button", { name: "Hang up" }).waitFor();
  expect(await card(page).count()).toBe(0);
  await lab.hangUp("1001");
  await callView(page, "wrap_up").waitFor();
  await myState(page, "Wrap-up").waitFor();
  await page.getByText("time left").waitFor();
  expect(complaints).toEqual([]);
  await nothingIsLeft();
});

const line = (page: Page) => bar(page).getByRole("region", { name: /^Line: / });

/** Chooses a state in the bar. */
async function choose(page: Page, now: string, item: RegExp, next: string): Promise<void> {
  await myState(page, now).click();
  await page.getByRole("menuitem", { name: item }).click();
  await myState(page, next).waitFor();
}

/** Signs out, until the switch has him in no queue. */
async function logOut(page: Page): Promise<void> {
  await choose(page, "Ready", /^Log out/, "Logged out");
  const isOut = (one: Json) => one.extension === "1004" && Array.isArray(one.queues) && one.queues.length === 0;
  await admin.until("/v1/agents?limit=200", "him in no queue", (agents) => items(agents).some(isOut));
}

/** A call of the queue, answered, held and taken back at the phone; each is at the desk at once, and a note is written. */
async function queueCall(page: Page): Promise<void> {
  await lab.order({ do: "forget", phone: "1004" });
  await lab.dial("customer2", EVERYONE);
  await lab.rings("1004");
  await card(page).waitFor();
  await myState(page, "Ringing").waitFor();
  await lab.answer("1004");
  await callView(page, "live").waitFor();
  await myState(page, "On call").waitFor();
  await note(page).fill("Chce novou smlouvu");
  await lab.order({ do: "hold", phone: "1004" });
  await line(page).getByRole("button", { name: "Retrieve" }).waitFor();
  await lab.order({ do: "resume", phone: "1004" });
  await line(page).getByRole("button", { name: "Hold" }).waitFor();
  await myState(page, "On call").waitFor();
}

/** Asks a colleague from the desk, hands the call over, and writes down what came of it. */
async function handOver(page: Page): Promise<void> {
  await lab.order({ do: "forget", phone: "1002" });
  await bar(page).getByRole("button", { name: "Transfer" }).click();
  await page.getByRole("searchbox", { name: "Transfer to" }).fill("1002");
  await page.getByRole("button", { name: /^Call .+ first/ }).waitFor();
  await page.getByRole("searchbox", { name: "Transfer to" }).press("Enter");
  await lab.rings("1002");
  await lab.answer("1002");
  await expect.poll(() => line(page).count(), { message: "the caller and the colleague" }).toBe(2);
  await bar(page).getByRole("button", { name: "Complete" }).click();
  await lab.free("1004");
  await callView(page, "wrap_up").waitFor();
  await myState(page, "Wrap-up").waitFor();
  expect(await note(page).inputValue()).toBe("Chce novou smlouvu");
  await page.getByRole("radiogroup", { name: "Frequent" }).getByRole("radio").first().click();
  await expect.poll(() => page.getByRole("radiogroup", { name: "Frequent" }).getByRole("radio", { checked: true }).count()).toBe(1);
  const call = await callView(page).getAttribute("data-call");
  await page.getByRole("button", { name: "Save and close" }).click();
  await myState(page, "Ready").waitFor();
  await lab.hangUp("customer2");
  expect(await admin.get(`/v1/calls/${call}`)).toMatchObject({ disposition: { code: expect.any(String) } });
  expect(items(await admin.get(`/v1/calls/${call}/notes`))).toMatchObject([{ text: "Chce novou smlouvu" }]);
}

/** Calls back who called during lunch: the own phone first. */
async function callBack(page: Page): Promise<void> {
  for (const phone of ["1004", "customer"]) await lab.order({ do: "forget", phone });
  await page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "Callbacks" }).click();
  await page.getByRole("radio", { name: /^Missed calls/ }).click();
  const missed = page.getByRole("grid", { name: "Missed calls" }).getByRole("row").filter({ hasText: "own line" });
  await missed.filter({ hasText: CUSTOMER }).click();
  await page.getByRole("button", { name: "Call back" }).press("Enter");
  await lab.rings("1004");
  await bar(page).getByText("Your phone rings: lift it").waitFor();
  await lab.answer("1004");
  await lab.rings("customer");
  await lab.answer("customer");
  await myState(page, "On call").waitFor();
  await line(page).getByRole("button", { name: "Hang up" }).click();
  await lab.free("customer");
  await admin.until("/v1/missed", "that they spoke", (calls) => items(calls).some((one) => one.spoken_in));
  await page.reload();
  await missed.getByText("spoken to since then").waitFor();
}

// covers: TEL-16 TEL-17 AGT-07
test("an agent works a whole shift with nothing but the browser and the desk phone", async () => {
  await setWrapUp(admin, "everyone", 30);
  const { page, complaints } = await openDesk(browser, daemon.url);
  await signIn(page, DAVID);
  await page.getByRole("button", { name: "Work at this phone" }).click();
  await connected(page);
  await logOut(page);
  await choose(page, "Logged out", /^Ready/, "Ready");
  await queueCall(page);
  await handOver(page);
  await choose(page, "Ready", /^Lunch/, "Lunch");
  // Who calls him directly finds him at lunch.
  await lab.dial("customer", "420555000104");
  await card(page).waitFor();
  await lab.hangUp("customer");
  await choose(page, "Lunch", /^Ready/, "Ready");
  await callBack(page);
  await logOut(page);
  const [from, to] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
  const breaks = items(await admin.get(`/v1/reports/breaks?from=${from}&to=${to}`));
  expect(breaks.filter((one) => one.reason === "lunch")).toMatchObject([{ agent_name: expect.any(String), paid: false }]);
  await page.getByRole("button", { name: /^My account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("textbox", { name: "Name" }).or(page.locator("input[name=login]")).first().waitFor();
  expect(complaints).toEqual([]);
  await nothingIsLeft();
});

async function nothingIsLeft(): Promise<void> {
  await admin.until("/v1/calls?state=live", "no live call", (calls) => items(calls).length === 0);
}
