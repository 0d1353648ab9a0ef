import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectAccessible, photograph } from "./harness/browser.ts";
import { ADMIN, type Json, items } from "./harness/daemon.ts";
import { look } from "./harness/forms.ts";
import { DANA, Scene } from "./harness/scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterEach(() => scene.clear());
afterAll(() => scene?.stop());

// covers: ADM-05 ADM-07
test("the path test speaks the language of the page, with the figures of the switch", async () => {
  const { page, complaints } = await scene.desk(ADMIN, { locale: "cs-CZ" });
  await page.goto(`${scene.daemon.url}/admin/setup?switch=lab`);
  const path = page.getByRole("list", { name: "Test cesty" });
  await page.getByRole("button", { name: /^Spustit/ }).first().click();
  await path.getByText("port odpovídá").waitFor();
  await path.getByText(/^telefony: [1-9]\d*, fronty: 4, kanály: 0$/).waitFor();
  await path.getByText(/^povolené akce: \d+$/).first().waitFor();
  await path.getByText(/^událost se vrátila za/).waitFor();
  const words = await path.innerText();
  for (const english of ["the port answers", "actions allowed", "came back", "endpoints"]) expect(words).not.toContain(english);
  expect(complaints).toEqual([]);
});

// covers: ADM-05 POP-24
test("what is advised is shown on the set-up and leads to the page that mends it", async () => {
  const { page, complaints } = await scene.desk(ADMIN);
  await page.goto(`${scene.daemon.url}/admin/setup?part=people`);
  const advice = page.getByRole("listitem").filter({ hasText: "No page opens for a call" });
  await advice.waitFor();
  expect(await page.getByText("No contacts", { exact: true }).count(), "there are some").toBe(0);
  await advice.getByRole("button", { name: "Pop rules" }).click();
  await page.waitForURL(/\/admin\/pops/);
  await scene.api.post("/v1/pop_rules", { name: "CRM", direction: "inbound", scope: "external", trigger: "alerting", url_template: "https://crm.example/search?phone={number.e164|unknown}" });
  for (const contact of items(await scene.api.get("/v1/contacts?limit=200"))) await scene.api.ask("DELETE", `/v1/contacts/${String(contact.id)}`);
  await page.goto(`${scene.daemon.url}/admin/setup?part=people`);
  const contacts = page.getByRole("listitem").filter({ hasText: "No contacts" });
  await contacts.waitFor();
  expect(await advice.count()).toBe(0);
  await contacts.getByRole("button", { name: "Contacts" }).click();
  await page.waitForURL(/\/contacts/);
  expect(complaints).toEqual([]);
});

// covers: TEL-18
test("a person is given a mobile in the browser, where a number of the house is refused, and loses it again", async () => {
  const { page, complaints } = await scene.desk(ADMIN);
  await page.goto(`${scene.daemon.url}/admin/setup?part=people`);
  await page.getByRole("button", { name: "Give a number outside" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Give a number outside" });
  await dialog.getByRole("combobox", { name: "Person" }).fill("Dana");
  await page.getByRole("option", { name: DANA.name }).click();
  const number = dialog.getByRole("textbox", { name: "Number" });
  await number.fill("1001");
  await dialog.locator("[data-tone=bad]").first().waitFor();
  await number.fill("777 123 456");
  await expect.poll(() => dialog.locator("[data-tone=bad]").count()).toBe(0);
  await expectAccessible(page);
  await photograph(page, "setup-outside-form.en.light.wide");
  await dialog.getByRole("button", { name: "Give", exact: true }).click();
  const row = page.getByRole("grid", { name: "Telephones outside" }).getByRole("row").filter({ hasText: DANA.name });
  await row.getByText("+420\u00a0777\u00a0123\u00a0456").waitFor();
  const isIt = (one: Json) => one.kind === "outside" && one.user;
  await scene.api.until("/v1/devices?limit=200", "the telephone outside", (devices) => items(devices).some(isIt));
  await row.scrollIntoViewIfNeeded();
  await look(page, "setup-outside");
  await row.getByRole("button", { name: /^Take / }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  await page.getByText("Nobody works outside").waitFor();
  expect(complaints.filter((text) => !/422|400/.test(text))).toEqual([]);
});
