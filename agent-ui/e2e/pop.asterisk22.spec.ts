import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openBrowser } from "./harness/browser.ts";
import { ADMIN, ANNA, type Api, Daemon, type Json, type Person, items } from "./harness/daemon.ts";
import { Laboratory } from "./harness/laboratory.ts";
import { bar, callView, card, giveLines, myState, setWrapUp, sitDown } from "./harness/seats.ts";

/** Who sits at which phone; the queue `everyone` rings them all at once. */
const CREW: Record<string, Person> = {
  "1001": ANNA,
  "1002": { login: "boris", name: "Boris Agent", role: "agent", password: "boris-e2e-2026" },
  "1003": { login: "cecilia", name: "Cecilia Agent", role: "agent", password: "cecilia-e2e-2026" },
  "1004": { login: "david", name: "David Agent", role: "agent", password: "david-e2e-2026" },
  "1005": { login: "emil", name: "Emil Agent", role: "agent", password: "emil-e2e-2026" },
};
const EVERYONE = "420555000601";

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

async function nothingIsLeft(): Promise<void> {
  await admin.until("/v1/calls?state=live", "no live call", (calls) => items(calls).length === 0);
}
