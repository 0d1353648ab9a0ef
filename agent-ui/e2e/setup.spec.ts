import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ADMIN, items } from "./harness/daemon.ts";
import { Scene } from "./harness/scene.ts";

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
