import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectAccessible, photograph } from "./harness/browser.ts";
import { BORIS, KNOWN, type Scene } from "./harness/scene.ts";
import { callView, card } from "./harness/seats.ts";
import { rest, teamScene } from "./harness/team.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await teamScene();
});

afterEach(() => scene.clear());
afterAll(() => rest(scene));

const SYSTEM = { id: "essl", name: "Spisová služba", state: "up", waiting: 0, refused: 0 };
const FILING = { id: "fil_1", call: "", records: "essl", title: "Hovor", handled: false, attempts: 1, by: "system", created_at: "2026-11-28T09:00:00Z" };

/** A records system that takes what it is given when it is asked for the second time. The daemon's own way to one is proved in Rust. */
async function recordsSystem(page: Page): Promise<object[]> {
  const taken: object[] = [];
  let asked = 0;
  await page.route("**/v1/records_systems", (route) => route.fulfill({ json: { items: [SYSTEM] } }));
  await page.route("**/v1/calls/*/filings", (route) => {
    if (route.request().method() === "POST") {
      taken.push({ ...(route.request().postDataJSON() as object), key: route.request().headers()["idempotency-key"] });
      return route.fulfill({ status: 202, json: { ...FILING, state: "waiting" } });
    }
    if (taken.length > 0) asked += 1;
    const filed = { ...FILING, state: "filed", reference: "MULNS 118/2026", file_reference: "S 7/2026" };
    return route.fulfill({ json: { items: taken.length === 0 ? [] : [asked < 2 ? { ...FILING, state: "waiting" } : filed] } });
  });
  return taken;
}

// covers: INT-06
test("a call is handed over to the records service by a click, and its reference comes to the card", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  const taken = await recordsSystem(page);
  await page.reload();
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).waitFor();
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  const records = page.getByRole("region", { name: "Records service" });
  await records.getByRole("button", { name: "Hand over to records" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Hand over to records" });
  await dialog.getByRole("textbox", { name: "Title" }).fill("x".repeat(101));
  await dialog.getByText("At most 100 characters.").first().waitFor();
  await dialog.getByRole("textbox", { name: "Title" }).fill("Žádost o výpis");
  await dialog.getByRole("textbox", { name: "What the client asks for" }).fill("Výpis z účtu za rok 2025");
  await expectAccessible(page);
  await photograph(page, "records-form.en.light.wide");
  await dialog.getByRole("button", { name: "Hand over", exact: true }).click();
  await records.getByText("waits to be taken").waitFor();
  await records.getByText("MULNS 118/2026").waitFor();
  await records.getByText("file S 7/2026").waitFor();
  expect(taken).toEqual([{ records: "essl", title: "Žádost o výpis", text: "Výpis z účtu za rok 2025", handled: false, key: expect.any(String) }]);
  await expectAccessible(page);
  await photograph(page, "records.en.light.wide");
  await page.emulateMedia({ colorScheme: "dark" });
  await photograph(page, "records.en.dark.wide");
  expect(complaints).toEqual([]);
});
