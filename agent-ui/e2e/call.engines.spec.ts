import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { items } from "./harness/daemon.ts";
import { ANNA, BORIS, KNOWN, KNOWN_DIALLED, Scene, note } from "./harness/scene.ts";
import { bar, callView, card, connected, myState } from "./harness/seats.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterEach(() => scene.clear());
afterAll(() => scene?.stop());

const line = (page: Page, name: string) => page.getByRole("region", { name: `Line: ${name}` });
const wrapsUp = (page: Page) => callView(page, "wrap_up").or(callView(page, "ended")).waitFor();

// covers: POP-01 TEL-06 TEL-07 TEL-10 AGT-01 AGT-04 AGT-02
test("a call pops up, is answered, held, taken back and ended from the desk", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).getByRole("heading", { name: KNOWN.name }).waitFor();
  await card(page).getByText("Hlášení škod").waitFor();
  const mine = line(page, KNOWN.name);
  await mine.getByRole("button", { name: "Answer" }).click();
  await callView(page, "live").getByText("Hlášení škod").waitFor();
  await myState(page, "On call \\(queue\\)").waitFor();
  await mine.getByRole("button", { name: "Hold" }).click();
  await mine.getByRole("button", { name: "Retrieve" }).click();
  await mine.getByRole("button", { name: "Hold" }).waitFor();
  await mine.getByRole("button", { name: "Hang up" }).click();
  await wrapsUp(page);
  expect(complaints).toEqual([]);
});

// covers: POP-10 POP-11 AGT-03 AGT-02
test("a note typed while it rings stays through answer, hold, a reload and the end, and the next agent reads it", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  const words = "Škoda na střeše, volat po třetí hodině";
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).waitFor();
  await note(page).pressSequentially(words.slice(0, 20));
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  // The cursor is where it was.
  await page.keyboard.type(words.slice(20));
  await scene.simulator.order("hold 1002");
  await line(page, KNOWN.name).getByRole("button", { name: "Retrieve" }).waitFor();
  expect(await note(page).inputValue()).toBe(words);
  await page.reload();
  await connected(page);
  await callView(page, "live").waitFor();
  expect(await note(page).inputValue()).toBe(words);
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await wrapsUp(page);
  expect(await note(page).inputValue()).toBe(words);
  await scene.api.until("/v1/contacts/history?number=%2B420605550142", "the note in the history", (rows) => items(rows).some((row) => row.note === words));
  const next = await scene.desk(ANNA);
  await scene.simulator.order(`call ${KNOWN.number} 420555000600`);
  await card(next.page).getByText(words).waitFor();
  await card(next.page).getByRole("listitem").filter({ hasText: words }).getByText(BORIS.name).waitFor();
  expect([...complaints, ...next.complaints]).toEqual([]);
});

// covers: TEL-08 AGT-04
test("fifteen digits typed at once and Enter are dialled whole", async () => {
  const { page } = await scene.desk(BORIS);
  await page.addInitScript(noteFrames);
  await page.reload();
  await connected(page);
  await page.getByRole("combobox", { name: "Dial" }).click();
  await page.keyboard.type("004206055501421", { delay: 5 });
  await page.keyboard.press("Enter");
  const dialled = async () => (await page.evaluate<string[]>("sent")).find((frame) => frame.includes("make_call"));
  await expect.poll(dialled, { timeout: 5_000 }).toContain('"004206055501421"');
});

/** Keeps what the page sends over its stream; not every driver tells. */
function noteFrames(): void {
  const sent: string[] = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    sent.push(String(data));
    send.call(this, data);
  };
  Object.assign(window, { sent });
}

// covers: TEL-08 AGT-04 AGT-02
test("a call from the desk rings the own phone first and shows its steps", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await page.getByRole("combobox", { name: "Dial" }).fill(KNOWN.number);
  await page.getByRole("combobox", { name: "Dial" }).press("Enter");
  await bar(page).getByText(/Your phone rings: lift it/).waitFor();
  await scene.simulator.order("answer 1002");
  await bar(page).getByText(/It rings at the other end|ringing there/).first().waitFor();
  await scene.simulator.order(`answer ${KNOWN_DIALLED}`);
  await callView(page, "live").waitFor();
  expect(complaints).toEqual([]);
});

// The last one: from here on Boris has a Czech desk.
// covers: AGT-02
test("the language is switched in a call, and the call and what was typed stay as they are", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).waitFor();
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  await note(page).fill("Ověřit číslo smlouvy");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: /Language/ }).click();
  await page.getByRole("option", { name: "Čeština" }).click();
  await page.getByRole("heading", { name: "Nastavení" }).first().waitFor();
  await page.getByRole("link", { name: "Pult" }).click();
  await callView(page, "live").waitFor();
  expect(await note(page).inputValue()).toBe("Ověřit číslo smlouvy");
  const czech = page.getByRole("toolbar", { name: "Telefonní lišta" }).getByRole("region", { name: new RegExp(KNOWN.name) });
  await czech.getByRole("button", { name: "Zavěsit" }).click();
  await wrapsUp(page);
  expect(complaints).toEqual([]);
});
