import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { signIn } from "./harness/browser.ts";
import { type Json, items } from "./harness/daemon.ts";
import { ANNA, BORIS, CYRIL, GRETA, KNOWN, Scene, SHARED, UNKNOWN, note } from "./harness/scene.ts";
import { bar, callView, card, connected, deviceOf, myState } from "./harness/seats.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterEach(() => scene.clear());
afterAll(() => scene?.stop());

const colleague = (page: Page, name: string) => page.getByRole("row", { name: new RegExp(name) });

// covers: POP-10 TEL-12 AGT-16
test("who gets a call by transfer reads the note of who had it, while it is still live", async () => {
  const first = await scene.desk(BORIS);
  const second = await scene.desk(GRETA);
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(first.page).waitFor();
  await scene.simulator.order("answer 1002");
  await callView(first.page, "live").waitFor();
  await note(first.page).fill("Ověřit číslo smlouvy");
  await first.page.getByText(/^saved/).waitFor();
  await bar(first.page).getByRole("button", { name: "Transfer" }).click();
  await first.page.getByRole("searchbox", { name: "Transfer to" }).fill("1007");
  await first.page.getByRole("button", { name: "Transfer now" }).click();
  await card(second.page).waitFor();
  await scene.simulator.order("answer 1007");
  await callView(second.page, "live").waitFor();
  await second.page.getByText("Ověřit číslo smlouvy").first().waitFor();
  expect([...first.complaints, ...second.complaints]).toEqual([]);
});

// covers: POP-02 POP-16
test("of two contacts with one number the agent chooses, and the choice is kept with the call", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await scene.simulator.order(`call ${SHARED.number} 420555000601`);
  const [first = ""] = SHARED.names;
  const choice = card(page).getByRole("radio", { name: new RegExp(first) });
  await choice.waitFor();
  expect(await card(page).getByRole("radio", { checked: true }).count(), "nobody is preselected").toBe(0);
  await choice.check({ force: true });
  await card(page).getByRole("button", { name: `It is ${first}` }).click();
  await card(page).getByRole("heading", { name: first }).waitFor();
  const { id } = await scene.liveCall();
  await scene.api.until(`/v1/calls/${String(id)}`, "the contact of the call", (call) => JSON.stringify(call.contact).includes(first));
  expect(complaints).toEqual([]);
});

// covers: POP-03 POP-16
test("an unknown caller is written down during the call and known the next time", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  await card(page).getByText("No match").waitFor();
  await card(page).getByRole("textbox", { name: "Name" }).fill("Milan Nový");
  await card(page).getByRole("button", { name: "Save person" }).click();
  await card(page).getByRole("heading", { name: "Milan Nový" }).waitFor();
  await scene.simulator.order(`hangup ${UNKNOWN}`);
  await card(page).waitFor({ state: "detached" });
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  await card(page).getByRole("heading", { name: "Milan Nový" }).waitFor();
  expect(complaints).toEqual([]);
});

// covers: POP-24
test("the page of the CRM opens once, in its window, and not again after a reload", async () => {
  const url = `${scene.daemon.url}/livez?phone={number.e164}`;
  const rule = { name: "CRM", direction: "inbound", scope: "external", trigger: "alerting", window: "crm", url_template: url };
  const { id } = await scene.api.post("/v1/pop_rules", rule);
  const { page, context, complaints } = await scene.desk(BORIS);
  const opened: string[] = [];
  context.on("page", (one) => opened.push(one.url()));
  const popup = context.waitForEvent("page");
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await (await popup).waitForURL(/phone=%2B420605550142$/);
  await card(page).waitFor();
  await page.reload();
  await connected(page);
  await card(page).getByRole("heading", { name: KNOWN.name }).waitFor();
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  expect(opened).toHaveLength(1);
  const call = String((await scene.liveCall()).id);
  const log = await scene.api.until(`/v1/pops?call=${call}`, "the pop in the log", (rows) => items(rows).some((row) => row.state === "shown"));
  expect(items(log)).toHaveLength(1);
  await scene.api.ask("DELETE", `/v1/pop_rules/${String(id)}`);
  expect(complaints).toEqual([]);
});

// covers: TEL-08
test("a command that the switch refuses says why within three seconds", async () => {
  const { page } = await scene.desk(BORIS);
  await page.getByRole("combobox", { name: "Dial" }).fill("0900123456");
  await page.getByRole("combobox", { name: "Dial" }).press("Enter");
  await page.getByText("Premium number, not allowed").first().waitFor({ timeout: 3_000 });
});

// covers: AGT-07 AGT-18
test("the state of an agent is chosen at the desk, seen at the switch, and seen by colleagues", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  const other = await scene.desk(GRETA);
  await myState(page, "Ready").click();
  await page.getByRole("menuitem", { name: /Lunch/ }).click();
  await myState(page, "Lunch").waitFor();
  await colleague(other.page, BORIS.name).getByText("Lunch").waitFor();
  await myState(page, "Lunch").click();
  await page.getByRole("menuitem", { name: "Ready" }).click();
  await myState(page, "Ready").waitFor();
  expect([...complaints, ...other.complaints]).toEqual([]);
});

// covers: AGT-17 AGT-20 AGT-31
test("favourites stand first, waiting calls are counted, and whoever wants it connects by itself", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await page.getByRole("button", { name: `Add ${GRETA.name} to favourites` }).click();
  const favourite = page.getByRole("row", { name: GRETA.name });
  await page.getByRole("button", { name: `Remove ${GRETA.name} from favourites` }).waitFor();
  const prefers = await scene.daemon.signIn(BORIS);
  await prefers.until("/v1/me/preferences", "the favourite", (all) => JSON.stringify(all.favourites).includes("_"));
  await prefers.put("/v1/me/preferences", { ...(await prefers.get("/v1/me/preferences")), auto_connect: true });
  const again = await scene.open();
  await signIn(again.page, BORIS);
  await connected(again.page);
  await again.page.getByRole("row").filter({ hasText: "Favourites" }).waitFor();
  expect((await favourite.boundingBox())?.y).toBeLessThan((await colleague(page, ANNA.name).boundingBox())?.y ?? 0);
  await again.context.close();
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).waitFor();
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  const queue = page.getByRole("table", { name: "My queues" }).getByRole("row", { name: /Hlášení škod/ });
  await queue.getByRole("cell", { name: "1", exact: true }).waitFor();
  await prefers.put("/v1/me/preferences", { ...(await prefers.get("/v1/me/preferences")), auto_connect: false, favourites: [] });
  expect([...complaints, ...again.complaints]).toEqual([]);
});

// covers: AGT-30
test("a lost link to the switch is orange and told in words, and the desk comes back by itself", async () => {
  const { page } = await scene.desk(BORIS);
  await scene.simulator.order("fault cut 3s");
  await bar(page).getByText(/PBX link lost/).waitFor();
  await page.getByRole("button", { name: /^Connections.*: wanted, failing/ }).waitFor();
  await connected(page);
});

// covers: TEL-06
test("a phone that does not obey is not answered from the desk, and the button says why", async () => {
  const { page, complaints } = await scene.desk(GRETA);
  await scene.simulator.order(`call ${KNOWN.number} 420555000603`);
  const answer = card(page).getByRole("button", { name: "Answer" });
  await answer.waitFor();
  expect(await answer.getAttribute("aria-disabled")).toBe("true");
  await answer.focus();
  await page.getByRole("tooltip").getByText("Your phone or the PBX cannot do this").waitFor();
  expect(complaints).toEqual([]);
});

// covers: AGT-18
test("who has a phone and is in no queue is told just that, and colleagues see the person and not the name of the phone", async () => {
  const ota = { login: "ota", name: "Ota Skladník", role: "agent", password: "ota-e2e-2026", phone: "1008" };
  const { id: user } = await scene.api.post("/v1/users", { login: ota.login, name: ota.name, roles: [ota.role], team: "praha", language: "en", password: ota.password });
  await scene.api.post("/v1/assignments", { device: await deviceOf(scene.api, ota.phone), user, kind: "fixed" });
  const { page, complaints } = await scene.desk(ota);
  const state = bar(page).getByRole("button", { name: "No queue" });
  await state.focus();
  await page.getByRole("tooltip").getByText("You are no agent of a queue").waitFor();
  expect(await bar(page).getByText("No phone").count()).toBe(0);
  const other = await scene.desk(BORIS);
  await colleague(other.page, ota.name).getByText("1008").waitFor();
  expect(await other.page.getByRole("row", { name: /Sklad$/ }).count()).toBe(0);
  expect([...complaints, ...other.complaints]).toEqual([]);
});

const queueSwitch = (page: Page, queue: string): Locator => page.getByRole("table", { name: "My queues" }).getByRole("switch", { name: `Calls of ${queue}` });

/** Gives somebody exactly these roles. */
async function roles(login: string, given: string[]): Promise<void> {
  const user = items(await scene.api.get("/v1/users?limit=200")).find((one) => one.login === login);
  await scene.api.ask("PATCH", `/v1/users/${String(user?.id)}`, { roles: given });
}

function queuesOf(agents: Json, phone: string): number {
  const queues = items(agents).find((one) => one.extension === phone)?.queues;
  return Array.isArray(queues) ? queues.length : 0;
}

// covers: AGT-06
test("who may not sign in and out of queues sees the switch grey, with the reason, and is refused", async () => {
  const agents = items(await scene.api.get("/v1/roles")).find((one) => one.name === "agent");
  const rights = Array.isArray(agents?.rights) ? agents.rights.filter((one) => one !== "queue.membership.write.own") : [];
  await scene.api.put("/v1/roles/fixed_agent", { rights });
  await roles(ANNA.login, ["fixed_agent"]);
  const { page, complaints } = await scene.desk(ANNA);
  const one = queueSwitch(page, "Reklamace");
  await one.waitFor();
  expect(await one.getAttribute("aria-disabled")).toBe("true");
  // A tooltip follows the focus of somebody who uses the keyboard.
  await page.keyboard.press("Tab");
  await one.focus();
  await page.getByRole("tooltip").getByText("Only a supervisor may sign you in to queues and out of them").waitFor();
  await page.keyboard.press("Space");
  expect(await one.getAttribute("aria-checked")).toBe("true");
  const own = await scene.daemon.signIn(ANNA);
  const { agent } = await own.get("/v1/me");
  const queue = items(await own.get("/v1/queues")).find((row) => row.name === "Reklamace")?.id;
  await expect(own.put(`/v1/queues/${String(queue)}/memberships/${String(agent)}`, { signed_in: false })).rejects.toThrow(/ 403 /);
  await roles(ANNA.login, ["agent"]);
  expect(complaints).toEqual([]);
});

// covers: AGT-05
test("who may signs out of one queue and in again at the desk, and stays in the others", async () => {
  const { page, complaints } = await scene.desk(CYRIL);
  // By the code of the switch he joins a queue that he can also leave.
  await scene.simulator.order("call 1003 *45");
  const one = queueSwitch(page, "English line");
  await one.waitFor();
  await one.click();
  await expect.poll(() => one.getAttribute("aria-checked"), { timeout: 5_000 }).toBe("false");
  await scene.api.until("/v1/agents?limit=200", "nobody but Greta in the queue", (all) => queuesOf(all, CYRIL.phone) === 1);
  await one.click();
  await expect.poll(() => one.getAttribute("aria-checked"), { timeout: 5_000 }).toBe("true");
  expect(await queueSwitch(page, "Reklamace").getAttribute("aria-checked")).toBe("true");
  // A queue in which the PBX holds him fast is grey.
  expect(await queueSwitch(page, "Reklamace").getAttribute("aria-disabled")).toBe("true");
  expect(await page.getByText("The PBX keeps you in this queue").count()).toBe(1);
  await one.click();
  await expect.poll(() => one.getAttribute("aria-checked"), { timeout: 5_000 }).toBe("false");
  expect(complaints).toEqual([]);
});
