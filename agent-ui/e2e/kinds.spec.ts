import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "./harness/browser.ts";
import { ADMIN, type Api, Daemon, type Json, items } from "./harness/daemon.ts";
import { type Agent, CYRIL, DANA, KNOWN } from "./harness/scene.ts";
import { callView, card, sitDown } from "./harness/seats.ts";
import { Simulator } from "./harness/simulator.ts";

/** As the daemon's own switch. */
const NUMBERS = { country: "CZ", outside_prefix: "0", extension_pattern: "10XX|6XX" };

let browser: Browser;
let manager: Simulator;
let csta: Simulator;
let daemon: Daemon;
let api: Api;

beforeAll(async () => {
  [browser, manager, csta] = await Promise.all([
    openBrowser(),
    Simulator.start({ plan: "fixtures/plans/desk.toml" }),
    Simulator.start({ plan: "fixtures/plans/csta.toml", face: "csta-xml" }),
  ]);
  daemon = await Daemon.start({ switch: manager.switch, people: [ADMIN] });
  api = await daemon.signIn(ADMIN);
  await api.post("/v1/switches", {
    id: "brno", name: "Brno", kind: "csta-xml", address: "127.0.0.1", port: csta.port, user: "", numbers: NUMBERS,
    csta: { dialect: "ecma-323", stations: ["1001-1008"] },
  });
});

afterAll(async () => {
  await Promise.all([browser?.close(), daemon?.stop(), manager?.stop(), csta?.stop()]);
});

/** Gives a person a phone of a switch. */
async function seat({ login, name, role, password, phone }: Agent, at: string): Promise<void> {
  const isIt = (device: Json) => device.extension === phone && device.kind === "station" && device.switch === at;
  const devices = items(await api.until("/v1/devices?limit=200", `the phone ${phone} of ${at}`, (list) => items(list).some(isIt)));
  const { id: user } = await api.post("/v1/users", { login, name, roles: [role], team: "praha", language: "en", password });
  await api.post("/v1/assignments", { device: devices.find(isIt)?.id, user, kind: "fixed", primary: true });
}

interface Caller {
  name: string;
  number: string;
}

/** What a reader of the screen is told, without what differs from one person and caller to the next. */
async function told(place: Locator, { name, phone }: Agent, caller: Caller): Promise<string> {
  const number = caller.number.replace(/(\d{3})/g, "$1 ").trim();
  const text = await place.ariaSnapshot();
  const same = text.replaceAll(caller.name, "CALLER").replaceAll(number, "NUMBER").replaceAll(name, "NAME").replaceAll(phone, "PHONE");
  const own = same.replace(`555 000 10${phone.slice(-1)}`, "OWN NUMBER");
  return own.replace(/\d+:\d\d/g, "TIME").replace(/\b\d+ s\b/g, "TIME");
}

/** A caller at somebody's phone, answered, held, taken back and hung up at the desk; what the desk told on the way. */
async function workACall(person: Agent, simulator: Simulator, caller: Caller): Promise<string[]> {
  await api.post("/v1/contacts", { kind: "person", name: caller.name, numbers: [{ number: caller.number }] });
  const { page, context, complaints } = await sitDown(browser, daemon.url, person);
  const line = page.getByRole("region", { name: `Line: ${caller.name}` });
  const button = (name: string) => line.getByRole("button", { name, exact: true });
  // Ready to be pressed, not only there.
  const can = (name: string) => button(name).click({ trial: true });
  const said: string[] = [];
  await simulator.order(`call ${caller.number} 42055500010${person.phone.slice(-1)}`);
  await card(page).getByRole("heading", { name: caller.name }).waitFor();
  await can("Answer");
  said.push(await told(card(page), person, caller), await told(line, person, caller));
  await button("Answer").click();
  await callView(page, "live").waitFor();
  await button("Hold").click();
  await can("Retrieve");
  said.push(await told(line, person, caller));
  await button("Retrieve").click();
  await can("Hold");
  said.push(await told(line, person, caller));
  await button("Hang up").click();
  await callView(page, "ended").waitFor();
  said.push(await told(callView(page), person, caller));
  expect(complaints).toEqual([]);
  await context.close();
  return said;
}

// covers: TEL-04 TEL-06 TEL-07 TEL-10
test("a call looks and works the same at the desk, whichever kind of switch brings it", async () => {
  await seat(CYRIL, "lab");
  await seat(DANA, "brno");
  const asterisk = await workACall(CYRIL, manager, KNOWN);
  expect(asterisk.join("\n")).toContain("CALLER");
  expect(await workACall(DANA, csta, { name: "Petra Malá", number: "+420605550117" })).toEqual(asterisk);
});
