import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { BORIS, KNOWN, KNOWN_DIALLED, Scene } from "./harness/scene.ts";
import { ENTER, WebKit } from "./harness/webkit.ts";

const WORDS = "Ověřit číslo smlouvy";
const CARD = "[role=group][aria-label='Incoming call']";
const LIVE = "article[data-call][data-phase=live]";

let scene: Scene;
let desk: WebKit;

beforeAll(async () => {
  scene = await Scene.start({ browser: "none" });
});

afterEach(async () => {
  await desk?.close();
  await scene.clear();
});
afterAll(() => scene?.stop());

const connected = () => desk.see("button", "^Connections\\. This computer: connected, Server: connected, PBX: connected");

async function sitDown(): Promise<void> {
  desk = await WebKit.open(scene.daemon.url);
  await desk.type("input[name=login]", "", BORIS.login);
  await desk.type("input[name=password]", "", BORIS.password);
  await desk.click("button[type=submit]");
  await desk.click("button", "^Work at this phone");
  await connected();
}

// covers: AGT-02
test("in WebKit a number typed and Enter ring the own phone first and show the steps", async () => {
  await sitDown();
  await desk.type("input[role=combobox]", "^Dial$", `${KNOWN.number}${ENTER}`);
  await desk.see("[role=toolbar] *", "^Your phone rings: lift it");
  await scene.simulator.order("answer 1002");
  await desk.see("[role=toolbar] *", "It rings at the other end|ringing there");
  await scene.simulator.order(`answer ${KNOWN_DIALLED}`);
  await desk.see(LIVE);
  expect(await desk.complaints()).toEqual([]);
});

// covers: AGT-02
test("in WebKit a call pops up before the answer, is answered at the desk, and stays over a reload and another language", async () => {
  await sitDown();
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await desk.see(`${CARD} :is(h1, h2, h3, h4)`, KNOWN.name);
  await desk.click(`${CARD} button, [role=toolbar] button`, "^Answer");
  await desk.see(LIVE);
  await desk.type("textarea", "^Note$", WORDS);
  await desk.see("[role=status], p, span", "^saved");
  await desk.reload();
  await connected();
  await desk.see(LIVE);
  expect(await desk.valueOf("textarea", "^Note$")).toBe(WORDS);
  await desk.click("a", "^Settings$");
  await desk.click("button", "Language");
  await desk.click("[role=option]", "^Čeština$");
  await desk.click("a", "^Pult$");
  await desk.see(LIVE);
  expect(await desk.valueOf("textarea", "^Poznámka$")).toBe(WORDS);
  await desk.click("[role=toolbar] button", "^Zavěsit");
  await desk.miss(LIVE);
  expect(await desk.complaints()).toEqual([]);
});
