import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectAccessible, expectNoOverflow, photograph } from "./harness/browser.ts";
import { ADMIN, type Api, type Json, type Person, items } from "./harness/daemon.ts";
import { barred, field, hold, keys, look, pick, save, saved } from "./harness/forms.ts";
import { BORIS, DANA, KNOWN, KNOWN_DIALLED, Scene, UNKNOWN } from "./harness/scene.ts";
import { bar, callView, card, deviceOf, myState } from "./harness/seats.ts";
import { HELENA, choose } from "./harness/team.ts";

let scene: Scene;
let admin: Api;

beforeAll(async () => {
  scene = await Scene.start();
  admin = scene.api;
});

afterEach(() => scene.clear());
afterAll(() => scene?.stop());

const DAY_MS = 86_400_000;

/** The queue of ours that the first case makes. */
async function sales(): Promise<Json> {
  const list = await admin.until("/v1/queues?limit=200", "the queue", (queues) => items(queues).some((one) => one.pbx_id === "prodej"));
  return items(list).find((one) => one.pbx_id === "prodej") ?? {};
}

/** What came of the work with this subject. */
async function closed(subject: string): Promise<Json | undefined> {
  const [from, to] = [-DAY_MS, DAY_MS].map((more) => new Date(Date.now() + more).toISOString());
  const path = `/v1/reports/interactions?from=${from}&to=${to}`;
  const list = await admin.until(path, "what is over", (all) => items(all).some((one) => one.subject === subject));
  return items(list).find((one) => one.subject === subject);
}

const open = async (page: Page, path: string): Promise<void> => {
  await page.goto(`${scene.daemon.url}${path}`);
};

// covers: ADM-12 RTE-06 RTE-13 RTE-14 RTE-24
test("a queue of ours is made in the browser, with faults at their fields, and a draft outlives a reload and a conflict", async () => {
  const { page, complaints } = await scene.desk(ADMIN);
  await page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "Queues" }).click();
  await page.getByRole("button", { name: "Make the queue" }).click();
  await field(page, "Name").fill("Prodej");
  expect(await field(page, "Key").inputValue(), "a key like the name").toBe("prodej");
  await page.getByRole("radio", { name: /^Best skills/ }).check({ force: true });
  await field(page, "Rings for").fill("3");
  await page.getByText("Write a whole number from 5 to 120.").waitFor();
  await field(page, "Rings for").fill("20");
  await page.getByRole("button", { name: "Add a skill" }).click();
  await field(page, "Skill").fill("german");
  await page.getByRole("button", { name: "Add a group" }).click();
  await field(page, "Group").fill("praha");
  await page.getByRole("button", { name: "Add a ring" }).click();
  await page.getByRole("button", { name: "Add a way out" }).click();
  await pick(page, "When closed, calls go to", "the call ends");
  await field(page, "Music class").fill("no such/../music");
  await expect.poll(() => field(page, "Music class").getAttribute("aria-invalid"), { timeout: 10_000 }).toBe("true");
  await field(page, "Music class").fill("jazz");
  await page.reload();
  expect(await field(page, "Music class").inputValue(), "what was typed outlives a reload").toBe("jazz");
  await look(page, "acd-queue");
  const { isSent, release } = await hold(page, "POST", "/v1/queues");
  await save(page, "Make the queue");
  await isSent;
  await keys(page, "Unit", "Brno");
  release();
  const queue = await sales();
  await page.waitForURL(new RegExp(`queue=${String(queue.id)}`));
  await page.getByText("Prodej stays open").waitFor();
  await page.keyboard.type(" 2");
  expect(await field(page, "Unit").inputValue(), "typed while it was made, and on").toBe("Brno 2");
  await save(page);
  await saved(page);
  const { own } = await admin.get(`/v1/queues/${String(queue.id)}`);
  expect(own).toMatchObject({ name: "Prodej", unit: "Brno 2", method: "best_skills", ring_ms: 20_000, needs: [{ skill: "german", level: 1 }], preferred: [{ group: "praha" }], rings: [{ lower_by: 1 }], overflow: [{ when: { condition: "nobody_signed_in" } }], closed: { kind: "hangup" }, sounds: { music: "jazz" } });
  // Somebody else changes it meanwhile: nothing is overwritten silently.
  await field(page, "Wrap-up after a call").fill("45");
  await page.getByText("Prodej stays open").waitFor();
  await admin.put(`/v1/queues/${String(queue.id)}`, { own: { ...(own as Json), ring_ms: 25_000 } });
  await save(page);
  await page.getByRole("alert").getByText("Somebody else").first().waitFor();
  expect(await field(page, "Wrap-up after a call").inputValue()).toBe("45");
  await page.getByRole("alert").getByRole("button").first().click();
  await expect.poll(() => field(page, "Rings for").inputValue()).toBe("25");
  await field(page, "Wrap-up after a call").fill("1");
  await save(page);
  await saved(page);
  expect((await admin.get(`/v1/queues/${String(queue.id)}`)).own).toMatchObject({ ring_ms: 25_000, wrap_up_ms: 1_000 });
  expect(complaints.filter((text) => !/412|422|400/.test(text))).toEqual([]);
});

// covers: ADM-17 RTE-08
test("who works in a queue, how high and with which skills, is set in a matrix by keyboard", async () => {
  const { id } = await sales();
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, `/admin/queues?queue=${String(id)}&view=members`);
  const member = page.getByRole("checkbox", { name: BORIS.name });
  await member.focus();
  await page.keyboard.press("Space");
  await field(page, `Level of ${BORIS.name}`).fill("2");
  await field(page, `german of ${BORIS.name}`).fill("11");
  await page.getByText("Write a whole number from 0 to 10.").waitFor();
  await field(page, `german of ${BORIS.name}`).fill("3");
  await field(page, `Groups of ${BORIS.name}`).fill("praha, brno");
  await look(page, "acd-members");
  await save(page);
  await saved(page);
  const agents = items(await admin.get("/v1/agents?limit=200"));
  const boris = agents.find((one) => one.extension === BORIS.phone);
  expect(boris).toMatchObject({ profile: { skills: { german: 3 }, groups: ["brno", "praha"] } });
  expect(boris?.queues).toEqual(expect.arrayContaining([expect.objectContaining({ queue: id, level: 2, signed_in: true })]));
  expect(complaints).toEqual([]);
});

// covers: RTE-02 ADM-12
test("opening hours are written in the browser, and what they would close is shown before they are saved", async () => {
  const { id } = await sales();
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, "/admin/queues?part=hours");
  await page.getByRole("button", { name: "Add hours" }).click();
  await field(page, "Name").fill("Kancelář");
  await field(page, "From").fill("25:00");
  await page.getByText("Write a time from 00:00 to 24:00.").waitFor();
  await field(page, "From").fill("0:00");
  await field(page, "Until").fill("24:00");
  for (const day of ["Sat", "Sun"]) await page.getByRole("button", { name: day, exact: true }).click();
  await field(page, "Closed all day").fill("--12-24, 2026-02-31");
  await page.getByText("This is no day: 2026-02-31").waitFor();
  await field(page, "Closed all day").fill("--12-24, --12-25");
  await save(page);
  await saved(page);
  await open(page, `/admin/queues?queue=${String(id)}`);
  await pick(page, "Opening hours", "Kancelář");
  await page.getByText("Prodej stays open").waitFor();
  await save(page);
  await saved(page);
  await open(page, "/admin/queues?part=hours");
  const today = new Date();
  const day = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, "0")}-${String(today.getDate()).padStart(2, "0")}`;
  await field(page, "Closed all day").fill(`--12-24, ${day}`);
  await page.getByText("Prodej would close now").waitFor();
  await look(page, "acd-hours");
  await page.getByRole("button", { name: "Discard" }).click();
  expect(items(await admin.get("/v1/calendars"))).toMatchObject([{ name: "Kancelář", holidays: ["--12-24", "--12-25"] }]);
  expect(complaints).toEqual([]);
});

// covers: RTE-04 RTE-39
test("entry rules have an order, blocked numbers their end, and a call is tried beforehand", async () => {
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, "/admin/queues?part=rules");
  for (const [name, dialled] of [["Všichni", ""], ["Horká linka", "+420555000"]] as const) {
    await page.getByRole("button", { name: "Add a rule" }).click();
    await field(page, "Name").fill(name);
    if (dialled !== "") await field(page, "Dialled number").first().fill(dialled);
    if (dialled !== "") await pick(page, "Goes to", "a queue of ours");
  }
  await page.getByRole("button", { name: "Move Horká linka up" }).click();
  await save(page);
  await saved(page);
  expect(items(await admin.get("/v1/entry_rules")).map((rule) => rule.name)).toEqual(["Horká linka", "Všichni"]);
  const trial = page.getByRole("region", { name: "Try a call beforehand" }).or(page.locator("#pane-tools"));
  await trial.getByRole("textbox", { name: "Caller" }).fill(KNOWN.number);
  await trial.getByRole("textbox", { name: "Dialled number" }).fill("+420555000601");
  await trial.getByRole("textbox", { name: "Place of arrival" }).fill("601");
  await trial.getByRole("button", { name: "Try" }).click();
  const told = page.getByRole("status").filter({ hasText: "What would happen" });
  await told.getByText("Horká linka").waitFor();
  await told.getByText("Prodej").first().waitFor();
  await look(page, "acd-rules");
  await open(page, "/admin/queues?part=blocks");
  await page.getByRole("button", { name: "Block a number" }).first().click();
  await field(page, "Number").fill("hello");
  await page.getByRole("alert").or(page.locator("[data-tone=bad]")).first().waitFor();
  await field(page, "Number").fill(KNOWN.number);
  await field(page, "Why").fill("obtěžuje");
  await look(page, "acd-blocks");
  await save(page);
  await saved(page);
  await open(page, "/admin/queues?part=rules");
  await trial.getByRole("textbox", { name: "Caller" }).fill(KNOWN.number);
  await trial.getByRole("textbox", { name: "Place of arrival" }).fill("601");
  await trial.getByRole("button", { name: "Try" }).press("Enter");
  await page.getByText("Refused: the number is blocked.").waitFor();
  await admin.put("/v1/blocks", { items: [] });
  await admin.put("/v1/entry_rules", { items: [] });
  expect(complaints.filter((text) => !/422|400/.test(text))).toEqual([]);
});

// covers: ADM-12
test("numbers are typed key by key, and what is typed while a queue is saved stays", async () => {
  const { id } = await sales();
  const path = `/v1/queues/${String(id)}`;
  const { own } = await admin.get(path);
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, `/admin/queues?queue=${String(id)}`);
  await keys(page, "Rings for", "3");
  await page.keyboard.press("Tab");
  expect(await field(page, "Rings for").inputValue(), "what cannot be taken stays to be mended").toBe("3");
  await barred(page);
  await page.getByRole("button", { name: "Discard" }).click();
  await expect.poll(() => field(page, "Rings for").inputValue()).toBe("25");
  await keys(page, "Rings for", "15");
  await keys(page, "Priority", "-5");
  await page.keyboard.press("Tab");
  expect([await field(page, "Rings for").inputValue(), await field(page, "Priority").inputValue()]).toEqual(["15", "-5"]);
  const { isSent, release } = await hold(page, "PUT", path);
  await save(page);
  await isSent;
  await keys(page, "Music class", "rock");
  release();
  await expect.poll(async () => (await admin.get(path)).own).toMatchObject({ ring_ms: 15_000, priority: -5, sounds: { music: "jazz" } });
  expect(await field(page, "Music class").inputValue()).toBe("rock");
  // Over the version that came of it: nobody else has changed it.
  await page.getByText("Prodej stays open").waitFor();
  await save(page);
  await saved(page);
  expect((await admin.get(path)).own).toMatchObject({ ring_ms: 15_000, priority: -5, sounds: { music: "rock" } });
  await admin.put(path, { own });
  expect(complaints).toEqual([]);
});

// covers: ADM-17
test("a skill is set over what others gave the same agent meanwhile", async () => {
  const { id } = await sales();
  const agents = async () => items(await admin.get("/v1/agents?limit=200")).find((one) => one.extension === BORIS.phone) ?? {};
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, `/admin/queues?queue=${String(id)}&view=members`);
  await keys(page, `german of ${BORIS.name}`, "12");
  await page.keyboard.press("Tab");
  await barred(page);
  await keys(page, `german of ${BORIS.name}`, "5");
  const before = await agents();
  await admin.put(`/v1/agents/${String(before.id)}/profile`, { ...(before.profile as Json), skills: { german: 3, italian: 2 } });
  await save(page);
  await saved(page);
  expect(await agents()).toMatchObject({ profile: { skills: { german: 5, italian: 2 }, groups: ["brno", "praha"] } });
  await admin.put(`/v1/agents/${String(before.id)}/profile`, before.profile as Json);
  expect(complaints).toEqual([]);
});

// covers: RTE-02 RTE-39
test("half a time bars saving and never means none", async () => {
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, "/admin/queues?part=hours");
  await keys(page, "From", "25:00");
  await page.keyboard.press("Tab");
  expect(await field(page, "From").inputValue()).toBe("25:00");
  await barred(page);
  await page.getByRole("button", { name: "Discard" }).click();
  await expect.poll(() => field(page, "From").inputValue()).toBe("00:00");
  await keys(page, "From", "7:30");
  await page.keyboard.press("Tab");
  expect(await field(page, "From").inputValue()).toBe("07:30");
  await page.getByRole("button", { name: "Discard" }).click();
  await expect.poll(() => field(page, "From").inputValue(), { message: "no old text over another value" }).toBe("00:00");
  await open(page, "/admin/queues?part=blocks");
  await page.getByRole("button", { name: "Block a number" }).first().click();
  await keys(page, "Number", UNKNOWN);
  await page.getByLabel("Until").pressSequentially("0202");
  await page.keyboard.press("Shift+Tab");
  await page.getByText("Choose a day and a time.").waitFor();
  await barred(page);
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Block a number" }).first().click();
  await keys(page, "Number", UNKNOWN);
  await page.getByLabel("Until").pressSequentially("02022031");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("1030AM");
  await save(page);
  await saved(page);
  expect(items(await admin.get("/v1/blocks"))).toMatchObject([{ until: expect.stringMatching(/^2031-02-02T\d\d:30:00/) }]);
  await admin.put("/v1/blocks", { items: [] });
  expect(complaints.filter((text) => !/422|400/.test(text))).toEqual([]);
});

// covers: RTE-04
test("a rule is moved on by the same key, and a name typed through another's loses nothing", async () => {
  const to = { kind: "fallback" };
  await admin.put("/v1/entry_rules", { items: [{ name: "A", to }, { name: "B", to }, { name: "C", when: { data: { plan: "gold", pla: "silver" } }, to }] });
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, "/admin/queues?part=rules");
  const names = () => page.getByRole("list", { name: "Entry rules" }).getByRole("button", { expanded: false }).allInnerTexts();
  const order = () => expect.poll(async () => (await names()).map((text) => text[0]));
  await page.getByRole("button", { name: "Move C up" }).focus();
  await page.keyboard.press("Enter");
  await order().toEqual(["A", "C", "B"]);
  await page.keyboard.press("Enter");
  await order().toEqual(["C", "A", "B"]);
  await page.getByRole("button", { name: "Move A down" }).focus();
  await page.keyboard.press("Enter");
  await order().toEqual(["C", "B", "A"]);
  await page.getByRole("button", { name: /^C pla/ }).click();
  const row = (nth: number) => page.getByRole("group", { name: `Data bound to the call ${nth}` });
  await row(2).getByRole("textbox", { name: "Name" }).press("End");
  await page.keyboard.press("Backspace");
  await page.getByText("This name stands here already.").first().waitFor();
  await barred(page);
  await page.keyboard.type("net");
  await save(page);
  await saved(page);
  expect(items(await admin.get("/v1/entry_rules"))[0]).toMatchObject({ name: "C", when: { data: { planet: "gold", pla: "silver" } } });
  await admin.put("/v1/entry_rules", { items: [] });
  expect(complaints).toEqual([]);
});

// covers: ADM-14
test("a new break is at the agents' desks at once", async () => {
  const boris = await scene.desk(BORIS);
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, "/admin/queues?part=breaks");
  await page.getByRole("button", { name: "Add a break" }).click();
  const row = page.getByRole("list", { name: "Breaks" }).getByRole("listitem").last();
  await row.getByRole("textbox", { name: "English" }).fill("Stretching");
  await row.getByRole("textbox", { name: "Čeština" }).fill("Protažení");
  expect(await row.getByRole("textbox", { name: "Code", exact: true }).inputValue()).toBe("stretching");
  await look(page, "acd-breaks");
  await save(page);
  await saved(page);
  await myState(boris.page, "Ready").click();
  await boris.page.getByRole("menuitem", { name: /Stretching/ }).click();
  await myState(boris.page, "Stretching").waitFor();
  await myState(boris.page, "Stretching").click();
  await boris.page.getByRole("menuitem", { name: "Ready" }).click();
  await myState(boris.page, "Ready").waitFor();
  // Half a break was tried while it was typed.
  expect([...complaints.filter((text) => !text.includes("422")), ...boris.complaints]).toEqual([]);
});

// covers: ADM-15
test("call categories form a tree that is edited in the browser, and a new one is at the next call", async () => {
  const boris = await scene.desk(BORIS);
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, "/admin/queues?part=categories");
  await page.getByRole("button", { name: "Add a category" }).click();
  const list = page.getByRole("list", { name: "Call categories" });
  const last = list.getByRole("listitem").last();
  await last.getByRole("textbox", { name: "English" }).fill("Storms");
  await last.getByRole("textbox", { name: "Čeština" }).fill("Bouřky");
  await page.getByRole("button", { name: "Add below Storms" }).click();
  await last.getByRole("textbox", { name: "English" }).fill("Hail on cars");
  await last.getByRole("textbox", { name: "Čeština" }).fill("Kroupy na autech");
  expect(await last.getByRole("textbox", { name: "Code", exact: true }).inputValue()).toBe("hail_on_cars");
  await look(page, "acd-categories");
  await save(page);
  await saved(page);
  expect(items(await admin.get("/v1/dispositions")).at(-1)).toMatchObject({ code: "hail_on_cars", parent: "storms", labels: { cs: "Kroupy na autech" } });
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(boris.page).waitFor();
  await boris.page.getByRole("button", { name: /Category/ }).first().click();
  await boris.page.getByRole("option", { name: "Storms › Hail on cars" }).waitFor();
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  expect([...complaints, ...boris.complaints]).toEqual([]);
});

// covers: AGT-05 AGT-20
test("an agent signs out of a queue of ours and in again at the desk", async () => {
  const { id } = await sales();
  const { page, complaints } = await scene.desk(BORIS);
  const isIn = async () => items(await admin.get(`/v1/queues/${String(id)}/memberships`)).map((one) => one.signed_in);
  // The one of the PBX stays as it is.
  const others = page.getByRole("switch", { name: /Hlášení škod/ });
  await page.getByRole("switch", { name: /Prodej/, checked: true }).press("Enter");
  await page.getByRole("switch", { name: /Prodej/, checked: false }).waitFor();
  expect(await isIn()).toEqual([false]);
  expect(await others.getAttribute("aria-checked")).toBe("true");
  await page.getByRole("switch", { name: /Prodej/, checked: false }).press("Enter");
  await page.getByRole("switch", { name: /Prodej/, checked: true }).waitFor();
  expect(await isIn()).toEqual([true]);
  expect(complaints).toEqual([]);
});

// covers: AGT-21
test("a callback is planned, rung at once with the agent first, and is done when the customer was spoken to", async () => {
  const { id } = await sales();
  const due = new Date(Date.now() + DAY_MS).toISOString();
  await admin.post("/v1/callbacks", { queue: id, number: KNOWN.number, subject: "Výpověď smlouvy", due });
  const { page, complaints } = await scene.desk(BORIS);
  await page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "Callbacks" }).click();
  const row = page.getByRole("grid", { name: "Callbacks" }).getByRole("row").filter({ hasText: "Výpověď smlouvy" });
  await row.click();
  const details = page.locator("#pane-tools");
  await details.getByText(KNOWN.name).first().waitFor();
  await details.getByText("Prodej").waitFor();
  expect(await details.getByRole("button", { name: "Done" }).getAttribute("aria-disabled"), "what waits is nobody's yet").toBe("true");
  await look(page, "callbacks");
  await details.getByRole("button", { name: "Ring now" }).press("Enter");
  const offer = page.getByRole("region", { name: "Work for you" });
  await offer.getByText(/^Your phone rings: callback to/).waitFor();
  await offer.getByText("Výpověď smlouvy").waitFor();
  await photograph(page, "callback-rings.en.light.wide");
  await expectAccessible(page);
  await scene.simulator.order("answer 1002");
  await scene.simulator.order(`answer ${KNOWN_DIALLED}`);
  await offer.getByText(/^In work/).waitFor();
  await details.getByRole("button", { name: /Outcome$/ }).click();
  await page.getByRole("option", { name: "Storms › Hail on cars" }).click();
  await details.getByRole("textbox", { name: "What was done" }).fill("Smlouva ukončena");
  await look(page, "callback-done");
  await details.getByRole("button", { name: "Done" }).press("Enter");
  await row.waitFor({ state: "detached" });
  await offer.waitFor({ state: "detached" });
  expect(items(await admin.get("/v1/callbacks"))).toEqual([]);
  expect(await closed("Výpověď smlouvy")).toMatchObject({ ended: "done", outcome: "hail_on_cars", note: "Smlouva ukončena" });
  await scene.simulator.order("hangup 1002");
  expect(complaints).toEqual([]);
});

// covers: AGT-20 AGT-21
test("work of another medium waits in sight, is offered, taken and finished at the desk", async () => {
  const { id } = await sales();
  const { agent } = await (await scene.daemon.signIn(BORIS)).get("/v1/me");
  // The first ring of the queue asks level 0 only.
  await admin.put(`/v1/queues/${String(id)}/memberships/${String(agent)}`, { signed_in: true, level: 0 });
  await admin.post("/v1/interactions", { medium: "chat", queue: id, subject: "Dotaz na fakturu" });
  const { page, complaints } = await scene.desk(BORIS);
  // Who takes no chats yet sees that one waits.
  const waits = page.getByRole("table", { name: "My queues" }).getByRole("row", { name: /Prodej/ }).getByText("messages: 1");
  await waits.waitFor();
  await admin.put(`/v1/agents/${String(agent)}/profile`, { skills: { german: 3 }, groups: ["praha"], capacity: { chat: 1 } });
  const offer = page.getByRole("region", { name: "Work for you" });
  await offer.getByText("Dotaz na fakturu").waitFor();
  await offer.getByRole("button", { name: "Accept" }).press("Enter");
  await waits.waitFor({ state: "detached" });
  await offer.getByText(/^In work/).waitFor();
  expect(items(await admin.get("/v1/interactions"))).toMatchObject([{ medium: "chat", state: "working", agent }]);
  await offer.getByRole("button", { name: /Outcome$/ }).click();
  await page.getByRole("option", { name: "Storms › Hail on cars" }).click();
  await expectAccessible(page);
  await offer.getByRole("button", { name: "Done" }).press("Enter");
  await offer.waitFor({ state: "detached" });
  expect(items(await admin.get("/v1/interactions"))).toEqual([]);
  expect(await closed("Dotaz na fakturu")).toMatchObject({ medium: "chat", ended: "done", outcome: "hail_on_cars" });
  expect(complaints).toEqual([]);
});

// covers: AGT-21
test("who cares for the team plans, moves and cancels callbacks", async () => {
  const { page, complaints } = await scene.desk(ADMIN);
  await open(page, "/callbacks");
  await page.getByRole("button", { name: "Plan a callback" }).click();
  await field(page, "Number").fill("+420605550117");
  await field(page, "Reason").fill("Termín prohlídky");
  await page.getByLabel("When").pressSequentially("0202");
  await expect.poll(() => page.getByRole("button", { name: "Plan", exact: true }).getAttribute("data-unavailable"), { message: "half a time is not at once" }).toBe("true");
  await page.getByLabel("When").fill("2031-02-03T10:30");
  await page.getByRole("button", { name: "Plan", exact: true }).click();
  const row = page.getByRole("grid", { name: "Callbacks" }).getByRole("row").filter({ hasText: "Termín prohlídky" });
  await row.getByText(/10:30/).waitFor();
  await row.click();
  const details = page.locator("#pane-tools");
  await details.getByRole("button", { name: "Move" }).click();
  await page.getByRole("dialog").getByLabel("When").fill("2031-02-04T11:45");
  await page.getByRole("dialog").getByRole("button", { name: "Move" }).click();
  await row.getByText(/11:45/).waitFor();
  await details.getByRole("button", { name: "Cancel callback" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel callback" }).click();
  await page.getByText("No callbacks due").waitFor();
  expect(complaints).toEqual([]);
});

/** Somebody at the phone 1008, in a queue of ours alone: such a one can sign off, and takes one chat at a time. */
async function chatAgent(): Promise<{ queue: string; emil: Person & { name: string } }> {
  const emil = { login: "emil", name: "Emil Hrubý", role: "agent", password: "emil-e2e-2026" };
  const { id: user } = await admin.post("/v1/users", { login: emil.login, name: emil.name, roles: [emil.role], team: "praha", language: "en", password: emil.password });
  await admin.post("/v1/assignments", { device: await deviceOf(admin, "1008"), user, kind: "fixed", primary: true });
  const { id: agent } = await admin.post("/v1/agents", { user });
  const { id: queue } = await admin.post("/v1/queues", { own: { key: "chaty", name: "Chaty" } });
  await admin.put(`/v1/agents/${String(agent)}/profile`, { capacity: { chat: 1 } });
  await admin.put(`/v1/queues/${String(queue)}/memberships/${String(agent)}`, { signed_in: true });
  return { queue: String(queue), emil };
}

// covers: SUP-02
test("free, ringing, busy, chatting, on break, signed off: each state is reached and seen with number and name", async () => {
  const { queue, emil } = await chatAgent();
  await admin.post("/v1/users", { login: HELENA.login, name: HELENA.name, roles: [HELENA.role], team: "praha", language: "en", password: HELENA.password });
  const { page, complaints } = await scene.desk(HELENA);
  await open(page, "/live");
  const is = async ({ name, phone }: { name: string; phone: string }, word: string) => {
    const tile = page.getByRole("row", { name: new RegExp(`^${name}, `) });
    await tile.getByText(word, { exact: true }).waitFor();
    await tile.getByText(phone).first().waitFor();
  };
  const counter = (text: string) => page.getByRole("radiogroup", { name: "Show by state" }).getByRole("radio", { name: text, exact: true });
  const his = { name: emil.name, phone: "1008" };
  await choose(scene, emil, { state: "ready" });
  await is(his, "Ready");
  await is(BORIS, "Ready");
  await counter("Chatting: 0").waitFor();
  const desk = await scene.daemon.signIn(emil);
  const { id } = await admin.post("/v1/interactions", { medium: "chat", queue, subject: "Dobrý den" });
  const act = (action: string) => desk.post(`/v1/interactions/${String(id)}/actions`, { action });
  await act("accept");
  await is(his, "Chatting");
  await choose(scene, DANA, { state: "paused", reason: "lunch" });
  await is(DANA, "Lunch");
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await is(BORIS, "Ringing");
  await scene.simulator.order("answer 1002");
  await is(BORIS, "On call");
  for (const word of ["Chatting", "On call", "On pause"]) await counter(`${word}: 1`).waitFor();
  await counter("Chatting: 1").press("Enter");
  await expect.poll(() => page.locator("[data-dim]").count()).toBe(5);
  await look(page, "live-states");
  await counter("Chatting: 1").press("Enter");
  await page.getByRole("radiogroup", { name: "View" }).getByRole("radio", { name: "State" }).click();
  await page.getByRole("region", { name: "Chatting" }).getByText(emil.name).waitFor();
  await act("finish");
  await page.getByRole("region", { name: "Ready" }).getByText(emil.name).waitFor();
  await choose(scene, emil, { state: "logged_out" });
  await page.getByRole("region", { name: "Logged out" }).getByText(emil.name).waitFor();
  await is(his, "Logged out");
  await choose(scene, DANA, { state: "ready" });
  expect(complaints).toEqual([]);
});

// covers: AGT-34
test("who asks for it gets one notice of a missed call, claims it, and writes down what was done", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await page.goto(`${scene.daemon.url}/callbacks?part=missed`);
  await page.getByText("Tell me of missed calls").click();
  await page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "Desk" }).click();
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  await card(page).waitFor();
  await scene.simulator.order(`hangup ${UNKNOWN}`);
  const notice = page.getByRole("button", { name: "Show", exact: true });
  await notice.first().waitFor({ timeout: 20_000 });
  expect(await notice.count()).toBe(1);
  await notice.click();
  const details = page.locator("#pane-tools");
  await details.getByRole("button", { name: "I take it" }).click();
  await page.getByText("You care for it").first().waitFor();
  await details.getByRole("textbox", { name: "What was done" }).fill("Voláno zpět, vyřešeno");
  await look(page, "missed");
  await details.getByRole("button", { name: "Done" }).click();
  await page.getByRole("grid", { name: "Missed calls" }).getByText(`done by ${BORIS.name}`).first().waitFor();
  await page.reload();
  await page.getByRole("grid", { name: "Missed calls" }).getByText("Voláno zpět, vyřešeno").first().waitFor();
  expect(await notice.count(), "a reload tells it no second time").toBe(0);
  await bar(page).waitFor();
  expect(await callView(page).count()).toBe(0);
  expect(complaints).toEqual([]);
});

// covers: AGT-02
test("the pages of the distribution read in Czech, too, and nothing sticks out, wide and narrow", async () => {
  const { id } = await sales();
  const { page, complaints } = await scene.desk(ADMIN, { locale: "cs-CZ" });
  const queue = `/admin/queues?queue=${String(id)}`;
  const pages = [["queue", queue], ["members", `${queue}&view=members`], ["limits", `${queue}&view=limits`], ["callbacks", "/callbacks"], ["missed", "/callbacks?part=missed"]];
  const parts = ["rules", "hours", "blocks", "forms", "breaks", "categories"].map((part) => [part, `/admin/queues?part=${part}`]);
  for (const [name, path = ""] of [...pages, ...parts]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await open(page, path);
    await page.getByRole("heading", { level: 2 }).nth(1).waitFor();
    await photograph(page, `acd-${name}.cs.light.wide`);
    for (const width of [1440, 400]) {
      await page.setViewportSize({ width, height: 900 });
      await expectNoOverflow(page);
    }
    expect(await page.locator("body").innerText(), "words that are missing").not.toMatch(/\b(acd|work|admin|notice)_\w/);
  }
  expect(complaints).toEqual([]);
});
