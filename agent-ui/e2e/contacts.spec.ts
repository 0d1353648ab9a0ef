import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ADMIN, type Json, items } from "./harness/daemon.ts";
import { field, look, pick, save, saved } from "./harness/forms.ts";
import { BORIS, KNOWN, type Scene, UNKNOWN } from "./harness/scene.ts";
import { card } from "./harness/seats.ts";
import { rest, teamScene } from "./harness/team.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await teamScene();
});

afterEach(() => scene.clear());
afterAll(() => rest(scene));

// covers: POP-05 POP-06
test("a contact has own fields, a status, addresses of each kind and keys that lead to its pages elsewhere", async () => {
  const own = (key: string, type: string, more: object) => ({ key, type, labels: { en: key[0]?.toUpperCase() + key.slice(1) }, ...more });
  await scene.api.put("/v1/contact_fields", { items: [own("plan", "choice", { choices: ["gold", "silver"], required: true }), own("limit", "number", {}), own("born", "date", {})] });
  await scene.api.put("/v1/external_systems", { items: [{ key: "icis", name: "ICIS", url_template: "https://icis.example/person/{external_id}" }] });
  const { page, complaints } = await scene.desk(ADMIN);
  await page.goto(`${scene.daemon.url}/contacts`);
  await page.getByRole("row", { name: new RegExp(KNOWN.name) }).click();
  await field(page, "Status").fill("VIP");
  await field(page, "Limit").fill("many");
  await save(page);
  await page.getByText("Write a number.").waitFor();
  await field(page, "Limit").fill("1 200,5");
  await pick(page, "Plan", "gold");
  await page.getByLabel("Born").fill("1980-02-03");
  await page.getByRole("button", { name: "Add an address" }).press("Enter");
  await pick(page, "Kind of address 3", "Mobile");
  await field(page, "Address 3").fill("777 123 456");
  await page.getByRole("button", { name: "Add a key" }).press("Enter");
  await pick(page, "System of key 2", "ICIS");
  await field(page, "Key 2").fill("a/7");
  await look(page, "contact");
  await save(page);
  await saved(page);
  expect(await page.getByRole("link", { name: "ICIS" }).getAttribute("href")).toBe("https://icis.example/person/a%2F7");
  const [contact] = items(await scene.api.get(`/v1/contacts?q=${encodeURIComponent(KNOWN.name)}`));
  expect(contact).toMatchObject({ status: "VIP", fields: { plan: "gold", limit: 1200.5, born: "1980-02-03" }, external_ids: [{ system: "default", id: "C-1042" }, { system: "icis", id: "a/7" }] });
  expect(contact?.addresses).toEqual(expect.arrayContaining([expect.objectContaining({ kind: "mobile", e164: "+420777123456" })]));
  expect(complaints).toEqual([]);
  await scene.api.put("/v1/contact_fields", { items: [own("plan", "choice", { choices: ["gold", "silver"], active: false }), own("limit", "number", { active: false }), own("born", "date", { active: false })] });
});

// covers: POP-05
test("who calls is shown with status and the way to the other system", async () => {
  const { page } = await scene.desk(BORIS);
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).waitFor();
  await scene.simulator.order("answer 1002");
  const shown = page.getByRole("region", { name: "Contact" });
  await shown.getByText("VIP").waitFor();
  expect(await shown.getByRole("link", { name: "ICIS" }).getAttribute("href")).toBe("https://icis.example/person/a%2F7");
});

// covers: POP-03 POP-16
test("the number of an unknown caller is given to a contact that has others, and known the next time", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  await card(page).getByRole("combobox", { name: "Attach to a person" }).fill("Jana");
  await page.getByRole("option", { name: KNOWN.name }).click();
  await card(page).getByRole("button", { name: "Attach number" }).click();
  await card(page).getByRole("heading", { name: KNOWN.name }).waitFor();
  await scene.simulator.order(`hangup ${UNKNOWN}`);
  await card(page).waitFor({ state: "detached" });
  const [contact = {}] = items(await scene.api.get(`/v1/contacts?q=${encodeURIComponent(KNOWN.name)}`));
  const numbers = (contact.numbers as Json[]).filter((one) => one.e164 !== UNKNOWN);
  expect(contact.numbers, "beside those it had").toHaveLength(numbers.length + 1);
  await scene.api.ask("PATCH", `/v1/contacts/${String(contact.id)}`, { numbers: numbers.map(({ number, kind }) => ({ number, kind })) });
  expect(complaints).toEqual([]);
});
