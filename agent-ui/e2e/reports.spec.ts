import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { look } from "./harness/forms.ts";
import { ANNA, BORIS, type Scene } from "./harness/scene.ts";
import { myState } from "./harness/seats.ts";
import { HELENA, choose, rest, teamScene } from "./harness/team.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await teamScene();
});

afterEach(() => scene.clear());
afterAll(() => rest(scene));

const openReport = async (page: Page) => {
  await page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "Reports" }).click();
  await page.getByRole("heading", { name: "Breaks", level: 2 }).waitFor();
};

const report = (page: Page) => page.getByRole("grid", { name: "Breaks" });
const line = (page: Page, who: string, reason: string) => report(page).getByRole("row").filter({ hasText: who }).filter({ hasText: reason });

/** Reason, what it counts as, number, length, average, longest. */
const cells = (page: Page, who: string, reason: string) => line(page, who, reason).getByRole("gridcell").allInnerTexts();

// covers: AGT-07
test("the breaks that an agent chose are reported by reason with kind, number and length, of some days and one person", async () => {
  const boris = await scene.desk(BORIS);
  for (const [now, next] of [["Ready", "Training"], ["Training", "Toilet"], ["Toilet", "Training"], ["Training", "Lunch"]] as const) {
    await myState(boris.page, now).click();
    await boris.page.getByRole("menuitem", { name: new RegExp(`^${next}`) }).click();
    await myState(boris.page, next).waitFor();
  }
  await choose(scene, ANNA, { state: "paused", reason: "toilet" });
  const { page, complaints } = await scene.desk(HELENA);
  await openReport(page);
  await line(page, BORIS.name, "Training").waitFor();
  expect((await cells(page, BORIS.name, "Training")).slice(0, 3)).toEqual(["Training", "work", "2"]);
  expect((await cells(page, BORIS.name, "Toilet")).slice(0, 3)).toEqual(["Toilet", "paid", "1"]);
  // What goes on counts until now.
  const lunch = async () => {
    await page.getByRole("button", { name: "Read again" }).click();
    return cells(page, BORIS.name, "Lunch");
  };
  await expect.poll(async () => (await lunch()).slice(1), { timeout: 10_000 }).toEqual(["private", expect.stringMatching(/^\d+$/), ...Array<unknown>(3).fill(expect.stringMatching(/^0[0-4]:\d[1-9]$/))]);
  await look(page, "report-breaks");
  await narrow(page);
  // An agent reads of its own breaks, and of nobody else's.
  await openReport(boris.page);
  await line(boris.page, BORIS.name, "Lunch").waitFor();
  expect(await report(boris.page).getByText(ANNA.name).count()).toBe(0);
  expect(await boris.page.getByRole("combobox", { name: "Person" }).count()).toBe(0);
  expect([...complaints, ...boris.complaints]).toEqual([]);
});

/** By keyboard: in another order, of one person, of other days. */
async function narrow(page: Page): Promise<void> {
  const length = report(page).getByRole("columnheader", { name: "Length" });
  await length.press("Enter");
  await expect.poll(() => length.getAttribute("aria-sort")).toBe("ascending");
  await report(page).getByText(ANNA.name).first().waitFor();
  await page.getByRole("combobox", { name: "Person" }).fill("Boris");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(() => report(page).getByText(ANNA.name).count()).toBe(0);
  await page.reload();
  await line(page, BORIS.name, "Lunch").waitFor();
  expect(await report(page).getByText(ANNA.name).count(), "the address keeps what was chosen").toBe(0);
  await page.getByLabel("From day").fill("2031-01-01");
  await page.getByText("The first day lies after the last one").waitFor();
  await page.getByLabel("To day").fill("2031-01-02");
  await page.getByText("No breaks").waitFor();
}
