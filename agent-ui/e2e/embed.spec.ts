import type { Frame, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Desk, expectAccessible, expectNoOverflow, openDesk, photograph } from "./harness/browser.ts";
import { ADMIN, type Json, items } from "./harness/daemon.ts";
import { deskFrame, elsewhere, enter, heard, hears, serveHost } from "./harness/host-page.ts";
import type { OtherSite } from "./harness/other-site.ts";
import { BORIS, KNOWN, KNOWN_DIALLED, Scene } from "./harness/scene.ts";
import { faultOf } from "../src/embed/schema.ts";

/** The queue in which Boris is alone. */
const QUEUE = "420555000601";

let scene: Scene;
const sites: OtherSite[] = [];
const open: Desk[] = [];

beforeAll(async () => {
  scene = await Scene.start();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ context }) => context.close()));
  await Promise.all(sites.splice(0).map((site) => site.stop()));
  await scene.clear();
});
afterAll(() => scene?.stop());

/** A fake host on another site. Whether its pages may frame the desk is said apart. */
async function host(name: string, values: Record<string, string> = {}): Promise<OtherSite> {
  const site = await serveHost(name, { DESK: scene.daemon.url, ...values });
  sites.push(site);
  return site;
}

/** Only pages of these origins may frame the desk. */
function allow(...origins: string[]): Promise<Json> {
  return scene.api.put("/v1/embed_hosts", { items: origins.map((origin) => ({ origin, name: "Test host" })) });
}

/** A person's browser on a page of a host. */
async function visit(url: string): Promise<Desk> {
  const desk = await openDesk(scene.browser, url, { viewport: { width: 900, height: 760 } });
  open.push(desk);
  return desk;
}

/** A host on another site whose pages may frame the desk, opened, and Boris signed in to its frame. */
async function seated(name: string): Promise<{ page: Page; frame: Frame; complaints: string[] }> {
  const site = await host(name);
  await allow(elsewhere(site));
  const { page, complaints } = await visit(elsewhere(site));
  return { page, frame: await enter(page, BORIS), complaints };
}

/** A customer calls, Boris answers in the frame, the customer hangs up; what the daemon knows of the call. */
async function callComesAndGoes(page: Page, frame: Frame, whilePopped: () => Promise<unknown>): Promise<Json> {
  await scene.simulator.order(`call ${KNOWN.number} ${QUEUE}`);
  await frame.getByRole("button", { name: "Answer" }).first().waitFor();
  await whilePopped();
  await frame.getByRole("button", { name: "Answer" }).first().click();
  await frame.getByRole("button", { name: "Hold" }).first().waitFor();
  const { id } = await scene.liveCall();
  await frame.getByRole("textbox", { name: "Note" }).fill("Wants an invoice");
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  const path = `/v1/calls/${String(id)}`;
  await page.bringToFront();
  return scene.api.until(path, "the end of the call", (call) => call.state === "ended");
}

/** Boris presses the number in the host: his phone rings, then the customer's; both talk and hang up. */
async function clickToDial(page: Page, frame: Frame): Promise<void> {
  await page.locator("#phone:not([disabled])").click();
  await scene.api.until("/v1/calls?state=live", "a call from the phone of Boris", (calls) => items(calls).some((call) => JSON.stringify(call).includes(KNOWN_DIALLED) && JSON.stringify(call).includes(BORIS.phone)));
  await scene.simulator.order(`answer ${BORIS.phone}`);
  await scene.simulator.order(`answer ${KNOWN_DIALLED}`);
  await frame.getByRole("button", { name: "Hold" }).first().waitFor();
}

/** Talk time as the daemon counts it, in ms. */
function talked(call: Json): number {
  const durations = call.durations as { talk_ms: number };
  return durations.talk_ms;
}

// covers: INT-15 INT-11 POP-24
test("Salesforce: a call pops its record, a press on a number dials, and the log has duration and note", async () => {
  const { page, frame, complaints } = await seated("salesforce");
  await hears(page, "enableClickToDial");
  const ended = await callComesAndGoes(page, frame, async () => {
    await hears(page, "setSoftphonePanelVisibility");
    await hears(page, "setSoftphonePanelHeight", ({ args }) => JSON.stringify(args).includes("640"));
    const pop = await hears(page, "searchAndScreenPop");
    expect(pop.args).toMatchObject({ searchParams: KNOWN.number, callType: "inbound", deferred: false });
    await expect.poll(() => page.evaluate("window.shown")).toBe("003A");
  });
  const made = await hears(page, "saveLog", ({ args }) => JSON.stringify(args).includes("entityApiName"));
  const { value } = made.args as { value: Record<string, unknown> };
  expect(value).toMatchObject({ entityApiName: "Task", TaskSubtype: "Call", CallType: "Inbound", CallObject: ended.id, WhoId: "003A", Subject: `Call from ${KNOWN.name}` });
  expect(Math.abs(Number(value.CallDurationInSeconds) * 1_000 - talked(ended))).toBeLessThanOrEqual(1_000);
  // What was written is kept in the same record, not in a second one.
  await expect.poll(async () => JSON.stringify(await heard(page, "saveLog"))).toContain("Wants an invoice");
  const logs = (await heard(page, "saveLog")).map(({ args }) => (args as { value: Record<string, unknown> }).value);
  expect(logs.filter((log) => "entityApiName" in log)).toHaveLength(1);
  expect((await heard(page, "searchAndScreenPop")).length, "one pop").toBe(1);
  await scene.api.until("/v1/agents?limit=200", "the end of the wrap-up", (all) => items(all).every((one) => !JSON.stringify(one).includes('"effective":"wrap_up"') || one.extension !== BORIS.phone));
  await clickToDial(page, frame);
  await scene.simulator.order(`hangup ${KNOWN_DIALLED}`);
  const out = await hears(page, "saveLog", ({ args }) => JSON.stringify(args).includes("Outbound"));
  expect(out.args).toMatchObject({ value: { CallType: "Outbound", WhoId: "003A" } });
  expect(complaints).toEqual([]);
});

// covers: INT-15 INT-11
test("Dynamics 365: a call pops its record, a press on a number dials, and a phone call activity is made", async () => {
  const { page, frame, complaints } = await seated("dynamics");
  await hears(page, "setClickToAct", ({ args }) => JSON.stringify(args) === "[true]");
  const ended = await callComesAndGoes(page, frame, async () => {
    const pop = await hears(page, "searchAndOpenRecords");
    expect(pop.args).toEqual(["contact", expect.stringContaining("%2B420605550142"), false]);
    await expect.poll(() => page.evaluate("window.shown")).toBe("c-1");
    expect((await heard(page, "setMode"))[0]?.args).toEqual([1]);
  });
  const made = await hears(page, "createRecord");
  expect(made.args).toEqual(["phonecall", expect.objectContaining({ directioncode: false, phonenumber: KNOWN.number, subject: `Call from ${KNOWN.name}`, actualdurationminutes: Math.ceil(talked(ended) / 60_000) })]);
  await frame.getByText("Kept in the other system").waitFor();
  await clickToDial(page, frame);
  await scene.simulator.order(`hangup ${KNOWN_DIALLED}`);
  const out = await hears(page, "createRecord", ({ args }) => JSON.stringify(args).includes('"directioncode":true'));
  expect(out.args).toEqual(["phonecall", expect.objectContaining({ "regardingobjectid_contact@odata.bind": "/contacts(c-1)" })]);
  expect(complaints).toEqual([]);
});

// covers: INT-15 INT-11
test("Zendesk: a call opens its user, a press on a number dials, and the call becomes a ticket", async () => {
  const { page, frame, complaints } = await seated("zendesk");
  const ended = await callComesAndGoes(page, frame, async () => {
    await hears(page, "invoke popover");
    await expect.poll(() => page.evaluate("window.shown")).toBe("user 71");
  });
  const made = await hears(page, "POST /api/v2/tickets.json");
  expect(made.args).toEqual([{ ticket: expect.objectContaining({ requester_id: 71, external_id: ended.id, subject: `Call from ${KNOWN.name}`, comment: { public: false, body: expect.stringContaining(`Duration: ${Math.round(talked(ended) / 1_000)} s`) } }) }]);
  await clickToDial(page, frame);
  await scene.simulator.order(`hangup ${KNOWN_DIALLED}`);
  await hears(page, "POST /api/v2/tickets.json", ({ args }) => JSON.stringify(args).includes("Call to"));
  expect(complaints).toEqual([]);
});

// covers: INT-15 INT-11
test("HubSpot: its page is answered, told of calls, and gets each call's duration and note", async () => {
  // HubSpot frames the page of the house, which frames the desk: both are around it, both must be allowed.
  const { hubspot, app } = await hubspotPages();
  await allow(elsewhere(hubspot), elsewhere(app));
  const { page, complaints } = await visit(elsewhere(hubspot));
  await hears(page, "INITIALIZED");
  const frame = await enter(page, BORIS);
  await hears(page, "LOGGED_IN");
  const ended = await callComesAndGoes(page, frame, async () => {
    const incoming = await hears(page, "INCOMING_CALL");
    expect(incoming.args).toMatchObject({ fromNumber: KNOWN.number, createEngagement: true });
  });
  await hears(page, "CALL_ANSWERED");
  expect((await hears(page, "CALL_ENDED")).args).toMatchObject({ callEndStatus: "COMPLETED", engagementId: "9000", externalCallId: ended.id });
  const completed = await hears(page, "CALL_COMPLETED");
  const { engagementProperties } = completed.args as { engagementProperties: Record<string, string> };
  expect(Math.abs(Number(engagementProperties.hs_call_duration) - talked(ended))).toBeLessThanOrEqual(1_000);
  await frame.getByText("Kept in the other system").waitFor();
  await clickToDial(page, frame);
  expect((await hears(page, "OUTGOING_CALL_STARTED")).args).toMatchObject({ toNumber: expect.stringContaining("605550142") });
  await scene.simulator.order(`hangup ${KNOWN_DIALLED}`);
  expect(complaints).toEqual([]);
});

/** HubSpot's page and the house's, each of which knows the other's address. */
async function hubspotPages(): Promise<{ hubspot: OtherSite; app: OtherSite }> {
  const app = await host("hubspot-bridge", { HUBSPOT: "http://localhost:HUB" });
  const hubspot = await host("hubspot", { BRIDGE: elsewhere(app) });
  app.html = app.html.replace("http://localhost:HUB", elsewhere(hubspot));
  return { hubspot, app };
}

// covers: INT-15
test("any page: the messages are those of the description, no cookie goes along, and a narrow desk is whole and accessible", async () => {
  const site = await host("plain");
  // The same site as the desk, where browsers would send its cookie.
  await allow(site.url);
  const { page, complaints } = await visit(site.url);
  const cookies: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(`${scene.daemon.url}/v1`) && request.frame().parentFrame() !== null) void request.allHeaders().then((headers) => cookies.push(headers.cookie ?? ""));
  });
  const before = await deskFrame(page);
  await before.getByRole("button", { name: "Sign in" }).waitFor();
  await photograph(page, "embed-sign-in");
  const frame = await enter(page, BORIS);
  expect(frame.url(), "no token in an address").toBe(`${scene.daemon.url}/embed`);
  const ended = await callComesAndGoes(page, frame, async () => {
    await hears(page, "screen.pop");
    await photograph(page, "embed-ringing");
    await expectFrameAccessible(page);
  });
  await hears(page, "call.log", ({ args }) => JSON.stringify(args).includes("Wants an invoice"));
  await photograph(page, "embed-wrap-up");
  const all = await heard(page);
  for (const { name, args } of all) expect(faultOf(`desk.${name}`, args), `${name} ${JSON.stringify(args)}`).toBeNull();
  const story = all.map(({ name }) => name).filter((name) => name.startsWith("call.") || name === "screen.pop");
  expect(story.slice(0, 4)).toEqual(["call.offered", "screen.pop", "call.answered", "call.ended"]);
  expect(all.find(({ name }) => name === "call.ended")?.args).toMatchObject({ answered: true, call: { id: ended.id, direction: "inbound", number: KNOWN.number, name: KNOWN.name } });
  expect(all.findLast(({ name }) => name === "state")?.args).toMatchObject({ signed_in: true, connected: true, extension: BORIS.phone, name: BORIS.name });
  await clickToDial(page, frame);
  expect((await hears(page, "dial.done")).args).toMatchObject({ ok: true });
  await frame.getByRole("button", { name: "Transfer" }).first().click();
  await frame.getByRole("region", { name: "Transfer" }).waitFor();
  await photograph(page, "embed-talking");
  await expectFrameAccessible(page);
  const size = await frame.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: document.documentElement.clientWidth }));
  expect(size.wide, "width of the narrow desk").toBeLessThanOrEqual(size.room);
  await scene.simulator.order(`hangup ${KNOWN_DIALLED}`);
  expect(cookies.length).toBeGreaterThan(3);
  expect(cookies.filter((one) => one !== ""), "cookies sent by the frame").toEqual([]);
  expect(await frame.evaluate(() => document.cookie)).toBe("");
  await frame.getByRole("button", { name: "Sign out" }).click();
  await frame.getByRole("button", { name: "Sign in" }).waitFor();
  expect((await heard(page, "state")).at(-1)?.args).toMatchObject({ signed_in: false });
  expect(complaints).toEqual([]);
});

// covers: INT-15
test("a page that is loaded anew amid a call shows it after one press, and opens nothing a second time", async () => {
  const { page, frame, complaints } = await seated("plain");
  await scene.simulator.order(`call ${KNOWN.number} ${QUEUE}`);
  await frame.getByRole("button", { name: "Answer" }).first().click();
  await frame.getByRole("button", { name: "Hold" }).first().waitFor();
  await hears(page, "call.answered");
  await page.reload();
  // The window closes by itself: this browser is signed in there.
  const again = await enter(page, BORIS);
  await again.getByRole("button", { name: "Hold" }).first().waitFor();
  expect((await hears(page, "call.offered")).args).toMatchObject({ resumed: true });
  expect((await hears(page, "call.answered")).args).toMatchObject({ resumed: true });
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  expect((await hears(page, "call.log")).args).toMatchObject({ answered: true, revision: 1 });
  expect(await heard(page, "screen.pop")).toEqual([]);
  expect(complaints).toEqual([]);
});

/** What axe finds in the frame: the page around it is not ours. */
async function expectFrameAccessible(page: Page): Promise<void> {
  const frame = await deskFrame(page);
  await expectAccessible(frame as unknown as Page);
}

// covers: INT-15 TEL-09
test("a page that nobody allowed frames nothing, learns nothing and cannot dial, whatever it tries", async () => {
  const good = await host("plain");
  const evil = await host("evil");
  await allow(elsewhere(good));
  const { page, context } = await visit(elsewhere(good));
  await enter(page, BORIS);
  const other = await context.newPage();
  const refusals: string[] = [];
  other.on("console", (message) => refusals.push(message.text()));
  await other.goto(elsewhere(evil));
  await expect.poll(() => refusals.filter((text) => text.includes("frame-ancestors")).length).toBeGreaterThanOrEqual(2);
  for (const frame of other.frames().slice(1)) expect(await frame.locator("button").count(), frame.url()).toBe(0);
  // By the window of a person who is signed in: the link page asks, the sign-in window speaks to its own origin alone.
  await other.locator("#open").click();
  await expect.poll(() => context.pages().length).toBeGreaterThanOrEqual(4);
  await expect.poll(() => context.pages().filter((one) => one.url().includes("/dial")).length).toBe(1);
  const asking = context.pages().find((one) => one.url().includes("/dial"));
  await asking?.getByRole("button", { name: /^(Dial \+420|Work at this phone)/ }).first().waitFor();
  await other.evaluate("opened.forEach(attack); [...document.querySelectorAll('iframe')].forEach((one) => attack(one.contentWindow)); post()");
  await other.locator("#form").click();
  // From inside the allowed page: a frame of somebody else talks to the desk's frame.
  await page.evaluate((address) => {
    const frame = document.createElement("iframe");
    frame.title = "advert";
    frame.src = address;
    document.body.append(frame);
  }, elsewhere(evil));
  const advert = page.frameLocator("iframe[title=advert]");
  await advert.getByRole("heading", { name: "Win a prize" }).waitFor();
  const inside = page.frames().find((one) => one.url().startsWith(elsewhere(evil)));
  await inside?.evaluate("attack(window.parent.frames[0])");
  const learned = await other.evaluate<{ origin?: string; text?: string }[]>("learned");
  expect(learned.filter(({ text }) => text?.includes("tls_")), "tokens").toEqual([]);
  expect(learned.filter(({ origin }) => origin === scene.daemon.url), "words of the desk").toEqual([]);
  expect((await inside?.evaluate<{ origin?: string }[]>("learned"))?.filter(({ origin }) => origin === scene.daemon.url)).toEqual([]);
  const frame = await deskFrame(page);
  await frame.getByRole("button", { name: "Sign out" }).waitFor();
  expect(items(await scene.api.get("/v1/calls?state=live")), "calls").toEqual([]);
  // A person's press in the page that is allowed still dials: the others were refused, and have stopped nothing.
  await page.locator("#phone").click();
  await hears(page, "call.offered");
  expect(items(await scene.api.get("/v1/calls?state=live"))).toHaveLength(1);
});

// covers: INT-15
test("an administrator allows the page of a CRM, and only then it shows the desk", async () => {
  const site = await host("plain");
  await allow();
  const { page: crm } = await visit(elsewhere(site));
  await expect.poll(() => crm.frames().map((frame) => frame.url()).join(" ")).toContain("chrome-error");
  const { page, complaints } = await scene.desk(ADMIN);
  await page.goto(`${scene.daemon.url}/admin/setup?part=frames`);
  await page.getByRole("button", { name: "Add a page" }).first().click();
  await page.getByRole("textbox", { name: "System" }).fill("House CRM");
  await page.getByRole("textbox", { name: "Address of its pages" }).fill("https://*.example");
  await page.getByText("Scheme and host alone").first().waitFor();
  await page.getByRole("textbox", { name: "Address of its pages" }).fill(elsewhere(site));
  await expectAccessible(page);
  await expectNoOverflow(page);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).first().waitFor();
  await photograph(page, "embed-hosts");
  await crm.reload();
  await (await deskFrame(crm)).getByRole("button", { name: "Sign in" }).waitFor();
  const audit = items(await scene.api.get("/v1/audit"));
  expect(audit.find((one) => one.action === "embed_hosts.set" && JSON.stringify(one.after).includes("House CRM"))).toBeDefined();
  expect(complaints).toEqual([]);
});
