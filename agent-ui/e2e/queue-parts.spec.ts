import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ADMIN, type Api, type Json, items } from "./harness/daemon.ts";
import { barred, field, keys, look, pick, save, saved } from "./harness/forms.ts";
import { CYRIL, DANA, type Scene, UNKNOWN } from "./harness/scene.ts";
import { rest, teamScene } from "./harness/team.ts";

let scene: Scene;
let admin: Api;
/** Queues of ours, which only these cases have. */
let ours: Json[];

beforeAll(async () => {
  scene = await teamScene();
  admin = scene.api;
  const make = (name: string, key: string) => admin.post("/v1/queues", { own: { name, key } });
  ours = await Promise.all([make("Prodej", "prodej"), make("Záskok", "zaskok")]);
});

afterEach(() => scene.clear());
afterAll(async () => {
  await Promise.all(ours.map(({ id }) => admin.ask("DELETE", `/v1/queues/${String(id)}`)));
  await rest(scene);
});

const sales = (): string => String(ours[0]?.id);
const open = async (page: Page, path: string): Promise<void> => {
  await page.goto(`${scene.daemon.url}${path}`);
};

// covers: RTE-15
test("members of another queue help out on a condition that is set in the browser", async () => {
  const path = `/v1/queues/${sales()}`;
  const { own } = await admin.get(path);
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, `/admin/queues?queue=${sales()}`);
  await page.getByRole("button", { name: "Add helpers" }).press("Enter");
  const row = page.getByRole("group", { name: "Members of other queues help out 1" });
  await row.getByRole("button", { name: /Queue$/ }).getByText("Záskok").waitFor();
  await row.getByRole("button", { name: /When$/ }).click();
  await page.getByRole("option", { name: "so many wait", exact: true }).click();
  await row.getByRole("textbox", { name: "Callers at least" }).fill("3");
  await save(page);
  await saved(page);
  expect((await admin.get(path)).own).toMatchObject({ helpers: [{ from: ours[1]?.id, when: { condition: "waiting", at_least: 3 } }] });
  await admin.put(path, { own });
  expect(complaints).toEqual([]);
});

// covers: RTE-35
test("keys that callers press, times of callbacks and the wait for scores are set in the browser", async () => {
  const path = `/v1/queues/${sales()}`;
  const { own } = await admin.get(path);
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, `/admin/queues?queue=${sales()}`);
  await keys(page, "Wait for scores", "500");
  await keys(page, "Offer of a callback", "callback-press");
  await pick(page, "Key for a callback", "1");
  await page.getByRole("button", { name: "Add a time of the callback" }).press("Enter");
  await expect.poll(() => field(page, "Question about the time").getAttribute("aria-invalid"), { message: "times want a question" }).toBe("true");
  await keys(page, "Question about the time", "callback-when");
  await page.getByRole("group", { name: "Times of the callback 1" }).getByRole("textbox", { name: "Later by" }).fill("90");
  await page.getByRole("button", { name: "Add a key" }).press("Enter");
  const key = page.getByRole("group", { name: "Keys that lead elsewhere 1" });
  await key.getByRole("button", { name: /Goes to$/ }).click();
  await page.getByRole("option", { name: "a number" }).click();
  await key.getByRole("textbox", { name: "Number" }).fill("700");
  await key.scrollIntoViewIfNeeded();
  await look(page, "acd-keys");
  await save(page);
  await saved(page);
  expect((await admin.get(path)).own).toMatchObject({ scorer_ms: 500, keys: [{ key: "2", to: { kind: "number", number: "700" } }], sounds: { callback: "callback-press", callback_key: "1", callback_choice: "callback-when", callback_times: [{ key: "1", when: { kind: "after", minutes: 90 } }] } });
  await admin.put(path, { own });
  expect(complaints.filter((text) => !text.includes("422"))).toEqual([]);
});

// covers: RTE-08
test("a level that is changed in the matrix decides whom the next contact is offered to", async () => {
  const agents = items(await admin.get("/v1/agents?limit=200"));
  const [cyril, dana] = [CYRIL, DANA].map(({ phone }) => agents.find((one) => one.extension === phone) ?? {});
  for (const one of [cyril, dana]) await admin.put(`/v1/agents/${String(one?.id)}/profile`, { ...(one?.profile as Json), capacity: { chat: 1 } });
  const asked = async (): Promise<unknown> => {
    await admin.post("/v1/interactions", { medium: "chat", queue: sales(), subject: "Dotaz" });
    const [work] = items(await admin.until("/v1/interactions", "an offer", (all) => items(all)[0]?.state === "offered"));
    await admin.post(`/v1/interactions/${String(work?.id)}/actions`, { action: "cancel" });
    return work?.agent;
  };
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, `/admin/queues?queue=${sales()}&view=members`);
  for (const { name } of [CYRIL, DANA]) await page.getByRole("checkbox", { name }).press("Space");
  await keys(page, `Level of ${DANA.name}`, "1");
  await save(page);
  await saved(page);
  expect(await asked()).toBe(cyril?.id);
  await keys(page, `Level of ${CYRIL.name}`, "2");
  await field(page, `Unit of ${CYRIL.name}`).fill("Brno");
  await save(page);
  await saved(page);
  expect(await asked()).toBe(dana?.id);
  expect((await admin.get(`/v1/agents/${String(cyril?.id)}`)).profile).toMatchObject({ unit: "Brno", capacity: { chat: 1 } });
  for (const one of [cyril, dana]) await admin.put(`/v1/agents/${String(one?.id)}/profile`, one?.profile as Json);
  for (const one of [cyril, dana]) await admin.ask("DELETE", `/v1/queues/${sales()}/memberships/${String(one?.id)}`);
  expect(complaints).toEqual([]);
});

// covers: SUP-07 SUP-17
test("limits of a queue are set in the browser, also of one of the switch, and what goes beyond stands beside them", async () => {
  const path = `/v1/queues/${sales()}/limits`;
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, `/admin/queues?queue=${sales()}`);
  await page.getByRole("radiogroup", { name: "View of the queue" }).getByRole("radio", { name: "Limits" }).press("Enter");
  await keys(page, "Longest wait", "0");
  await page.getByText("Write a whole number from 1 to 86400.").waitFor();
  await barred(page);
  await keys(page, "Longest wait", "120");
  await page.getByText("Ends at 01:36 or less.").waitFor();
  await keys(page, "Service level below", "80");
  await keys(page, "Answered within", "30");
  await page.getByText("Ends from 84 % on.").waitFor();
  await page.getByRole("switch", { name: "Callers wait and nobody is signed in" }).press("Space");
  await page.reload();
  expect(await field(page, "Longest wait").inputValue(), "a draft outlives a reload").toBe("120");
  await look(page, "acd-limits");
  await admin.put(path, { waiting: 9 });
  await save(page);
  await page.getByRole("alert").getByText("Somebody else").first().waitFor();
  await page.getByRole("alert").getByRole("button").first().click();
  await expect.poll(() => field(page, "Callers waiting").inputValue()).toBe("9");
  await keys(page, "Longest wait", "120");
  await field(page, "Callers waiting").fill("");
  await save(page);
  await saved(page);
  expect(await admin.get(path)).toMatchObject({ longest_wait_ms: 120_000, waiting: null, level_below: null, unattended: false });
  await admin.put(path, {});
  await page.getByRole("grid", { name: "Queues of the switch" }).getByRole("row", { name: "Hlášení škod" }).click();
  await page.getByRole("heading", { name: "Hlášení škod", level: 2 }).waitFor();
  await keys(page, "Callers waiting", "1");
  await save(page);
  await saved(page);
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  const told = page.getByRole("list", { name: "Alerts" });
  await told.getByText("Hlášení škod: 1 or more waiting").waitFor();
  await told.getByText(/now 1/).waitFor();
  await scene.simulator.order(`hangup ${UNKNOWN}`);
  await told.getByText(/^ended at/).waitFor();
  await field(page, "Callers waiting").fill("");
  await save(page);
  await saved(page);
  expect(complaints.filter((text) => !/412|422|400/.test(text))).toEqual([]);
});

// covers: RTE-36
test("a form for callbacks is written in its languages, and shown as visitors get it", async () => {
  const { page, context, complaints } = await scene.desk(ADMIN);
  await open(page, "/admin/queues?part=forms");
  await page.getByRole("button", { name: "Add a form" }).click();
  await keys(page, "Address", "Shop");
  await page.getByText("1 to 40 of a–z, 0–9 and -.").waitFor();
  await barred(page);
  await keys(page, "Address", "shop");
  await keys(page, "Numbers begin with", "+420, 00421");
  await page.getByText("Write + and digits: 00421").waitFor();
  await keys(page, "Numbers begin with", "+420, +421");
  await keys(page, "Web sites that may show it", "https://www.example.com");
  await keys(page, "Heading", "We call you back");
  await page.getByText("Write both, heading and consent.").waitFor();
  await keys(page, "Consent", "I agree to one call.");
  await page.getByRole("radiogroup", { name: "Language of the form" }).getByRole("radio", { name: "Čeština" }).press("Enter");
  await keys(page, "Heading", "Zavoláme vám");
  await keys(page, "Consent", "Souhlasím s jedním hovorem.");
  await page.getByText("The form is shown once it is saved.").waitFor();
  await save(page);
  await saved(page);
  expect(items(await admin.get("/v1/callback_forms"))).toMatchObject([{ key: "shop", queue: sales(), prefixes: ["+420", "+421"], origins: ["https://www.example.com"], titles: { en: "We call you back", cs: "Zavoláme vám" }, days: 30, active: true }]);
  const preview = page.locator("#pane-tools");
  const frame = preview.locator("iframe").contentFrame();
  await frame.getByRole("heading", { name: "We call you back" }).waitFor();
  await preview.getByRole("radio", { name: "cs" }).click();
  await frame.getByRole("heading", { name: "Zavoláme vám" }).waitFor();
  await look(page, "acd-forms");
  const [visitor] = await Promise.all([context.waitForEvent("page"), preview.getByRole("link", { name: /callback-form\/shop/ }).press("Enter")]);
  await visitor.getByText("Souhlasím s jedním hovorem.").waitFor();
  await visitor.close();
  await page.getByRole("switch", { name: "Answers visitors" }).press("Space");
  await page.getByText("Shown as it is saved").waitFor();
  await save(page);
  await page.getByText("The form is switched off: visitors get none.").waitFor();
  await page.getByRole("button", { name: "Take away: We call you back" }).click();
  await save(page);
  await saved(page);
  expect(items(await admin.get("/v1/callback_forms"))).toEqual([]);
  expect(complaints).toEqual([]);
});
