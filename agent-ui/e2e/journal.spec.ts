import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { items } from "./harness/daemon.ts";
import { expectNoOverflow } from "./harness/browser.ts";
import { BORIS, KNOWN, type Scene, UNKNOWN } from "./harness/scene.ts";
import { callView, card } from "./harness/seats.ts";
import { HELENA, rest, teamScene } from "./harness/team.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await teamScene();
});

afterEach(() => scene.clear());
afterAll(() => rest(scene));

const openBook = async (page: Page) => {
  await page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "Call history", level: 2 }).waitFor();
};

const book = (page: Page) => page.getByRole("grid", { name: "Call history" });

/** The cells of a line by the heads of their columns. */
async function lineOf(table: Locator, text: string): Promise<Record<string, string>> {
  const row = table.getByRole("row").filter({ hasText: text }).first();
  await row.waitFor();
  // The heads come with the first line, not with the table.
  const heads = await table.getByRole("columnheader").allInnerTexts();
  const cells = await row.locator("td, th, [role=gridcell], [role=rowheader]").allInnerTexts();
  expect(cells).toHaveLength(heads.length);
  return Object.fromEntries(heads.map((head, at) => [head.trim(), (cells[at] ?? "").replaceAll("\u00a0", " ").trim()]));
}

let areThere = false;

/** A call of the known customer through the queue, about something, answered and ended; and one that nobody takes. Both stay in the book. */
async function twoCalls(page: Page): Promise<void> {
  if (areThere) return;
  areThere = true;
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).waitFor();
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  const { id } = await scene.liveCall();
  await scene.api.ask("PATCH", `/v1/calls/${String(id)}/data`, { activity: "Škoda 2026-118" });
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await scene.api.until("/v1/journal", "the whole line", (rows) => items(rows).some((row) => row.call === id && row.ended_at !== null && Number(row.length_ms) > 0));
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  await card(page).waitFor();
  const { id: lost } = await scene.liveCall();
  await scene.simulator.order(`hangup ${UNKNOWN}`);
  await scene.api.until("/v1/journal", "the line of the missed call", (rows) => items(rows).some((row) => row.call === lost && row.ended_at));
}

// covers: POP-19
test("every column of the call-history book is filled from a call, and filters find it", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await twoCalls(page);
  await openBook(page);
  const line = await lineOf(book(page), KNOWN.name);
  expect(line).toMatchObject({
    Type: "received",
    Caller: "+420 605 550 142",
    Called: "+420 555 000 601",
    Contact: KNOWN.name,
    Partner: KNOWN.company,
    Responsible: BORIS.name,
    Internal: "no",
    Activity: "Škoda 2026-118",
  });
  const moment = /^\d{1,2}\/\d{1,2} \d{2}:\d{2}:\d{2}$/;
  expect(line.Start).toMatch(moment);
  expect(line.End).toMatch(moment);
  expect(line.Length).toMatch(/^\d{2}:\d{2}$/);
  expect(line.Ringing).toMatch(/^\d{2}:\d{2}$/);
  expect(await lineOf(book(page), "+420\u00a0605\u00a0550\u00a0100")).toMatchObject({ Type: "missed", Contact: "–", Activity: "–" });
  await filters(page);
  expect(complaints).toEqual([]);
});

/** By number as people write it and by day, with the keyboard; the address keeps them. */
async function filters(page: Page): Promise<void> {
  const number = page.getByRole("searchbox", { name: "Number" });
  await number.focus();
  await page.keyboard.type("605 550 100");
  await expect.poll(() => book(page).getByText(KNOWN.name).count()).toBe(0);
  await book(page).getByText("missed").first().waitFor();
  await page.reload();
  await book(page).getByText("missed").first().waitFor();
  expect(await number.inputValue()).toBe("605 550 100");
  await page.getByLabel("From day").fill("2031-01-01");
  await page.getByText("No call fits").waitFor();
  await page.getByLabel("To day").fill("2030-01-01");
  await page.getByText("The first day lies after the last one").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).press("Enter");
  await book(page).getByText(KNOWN.name).first().waitFor();
  // Into the table by Tab, through its lines by arrows.
  await book(page).getByRole("row").nth(1).focus();
  await page.keyboard.press("ArrowDown");
  expect(await book(page).getByRole("row").nth(2).evaluate((row) => row === document.activeElement)).toBe(true);
}

// covers: POP-19
test("a supervisor reads the book of the team by person and as cards on a small screen, an agent only the own one", async () => {
  const boris = await scene.desk(BORIS);
  await twoCalls(boris.page);
  await openBook(boris.page);
  await book(boris.page).waitFor();
  expect(await boris.page.getByRole("combobox", { name: "Person" }).count()).toBe(0);
  const { page, complaints } = await scene.desk(HELENA);
  await openBook(page);
  await book(page).getByText(BORIS.name).first().waitFor();
  await page.getByRole("combobox", { name: "Person" }).fill("Boris");
  await page.getByRole("option", { name: BORIS.name }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get("user")).toMatch(/^usr_/);
  await book(page).getByText(BORIS.name).first().waitFor();
  await page.setViewportSize({ width: 400, height: 860 });
  const cards = page.getByRole("list", { name: "Call history" });
  await cards.getByText(KNOWN.company).first().waitFor();
  await expectNoOverflow(page);
  expect(await cards.evaluate((list) => list.scrollWidth <= list.clientWidth)).toBe(true);
  expect(complaints).toEqual([]);
});

// covers: POP-19
test("a book that cannot be read says so in its place, and comes by a press when it can", async () => {
  const { page } = await scene.desk(BORIS);
  await page.route("**/v1/journal*", (route) => route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify({ code: "forbidden", status: 403, title: "forbidden", detail: "no" }) }));
  await openBook(page);
  await page.getByRole("alert").getByText("The call history could not be read").waitFor();
  await page.unroute("**/v1/journal*");
  await page.getByRole("button", { name: "Try again" }).click();
  await book(page).or(page.getByText("No calls yet")).first().waitFor();
});

// covers: POP-19
test("a long book comes page by page, each line once", async () => {
  const { page } = await scene.desk(BORIS);
  const limits: (string | null)[] = [];
  // The page asks for a hundred lines; two are enough to see the next page come.
  await page.route("**/v1/journal*", (route) => {
    const url = new URL(route.request().url());
    limits.push(url.searchParams.get("limit"));
    url.searchParams.set("limit", "1");
    return route.continue({ url: url.href });
  });
  await twoCalls(page);
  await openBook(page);
  const lines = book(page).getByRole("row");
  await expect.poll(() => lines.count()).toBe(2);
  await page.getByRole("button", { name: "Show more" }).click();
  await expect.poll(() => lines.count()).toBe(3);
  expect(limits.every((limit) => limit === "100")).toBe(true);
});
