import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible, signIn } from "./harness/browser.ts";
import { ANNA, BORIS, KNOWN, Scene, note } from "./harness/scene.ts";
import { bar, callView, card, connected, myState } from "./harness/seats.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterAll(() => scene?.stop());

// covers: AGT-04 TEL-06 TEL-07 TEL-10 AGT-02
test("a whole call is worked without a pointer, from the sign-in to the wrap-up", async () => {
  const { page, complaints } = await scene.open();
  const { keyboard } = page;
  await page.getByRole("textbox", { name: "User name" }).waitFor();
  await keyboard.type(ANNA.login);
  await keyboard.press("Tab");
  await keyboard.type(ANNA.password);
  await keyboard.press("Enter");
  // The own phone is chosen already; the button is reached by Tab.
  const use = page.getByRole("button", { name: "Work at this phone" });
  await use.waitFor();
  for (let step = 0; step < 20 && !(await use.evaluate((button) => button === document.activeElement)); step += 1) await keyboard.press("Tab");
  await keyboard.press("Enter");
  await connected(page);

  await keyboard.press("Alt+Shift+KeyP");
  await page.getByRole("menu", { name: "My state" }).waitFor();
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await myState(page, "Lunch").waitFor();
  await keyboard.press("Alt+Shift+KeyR");
  await myState(page, "Ready").waitFor();

  await scene.simulator.order(`call ${KNOWN.number} 420555000600`);
  await card(page).getByRole("heading", { name: KNOWN.name }).waitFor();
  await keyboard.press("Alt+Shift+Digit1");
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toMatch(/^call-/);
  await keyboard.press("Alt+Shift+KeyA");
  await callView(page, "live").waitFor();
  await keyboard.press("Alt+Shift+KeyH");
  const mine = page.getByRole("region", { name: `Line: ${KNOWN.name}` });
  await mine.getByRole("button", { name: "Retrieve" }).waitFor();
  await keyboard.press("Alt+Shift+KeyH");
  await mine.getByRole("button", { name: "Hold" }).waitFor();

  const text = note(page);
  for (let step = 0; step < 40 && !(await text.evaluate((field) => field === document.activeElement)); step += 1) await keyboard.press("Tab");
  await keyboard.type("Chce novou smlouvu");
  await keyboard.press("Alt+Shift+KeyT");
  await page.getByRole("searchbox", { name: /Transfer|Colleague/ }).or(page.getByRole("combobox", { name: /Transfer|Colleague/ })).first().waitFor();
  await keyboard.press("Escape");
  await keyboard.press("Alt+Shift+KeyK");
  await callView(page, "wrap_up").waitFor();
  expect(await text.inputValue()).toBe("Chce novou smlouvu");
  await expectAccessible(page);
  const save = page.getByRole("button", { name: "Save and close" });
  // It stands before the note. Forwards the way leads through the bars of the browser, of which not every driver comes back.
  for (let step = 0; step < 40 && !(await save.evaluate((button) => button === document.activeElement)); step += 1) await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await callView(page).waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});

// covers: AGT-04
test("the menu of states opens when its pauses are there, so that no key picks what moves under it", async () => {
  const { page, complaints } = await scene.open();
  let release = (): void => undefined;
  const held = new Promise<void>((free) => { release = free; });
  await page.route("**/v1/reasons", (route) => held.then(() => route.continue()));
  await signIn(page, BORIS);
  await page.getByRole("button", { name: "Work at this phone" }).click();
  await connected(page);

  await page.keyboard.press("Alt+Shift+KeyP");
  await bar(page).getByRole("button", { name: /^My state/, expanded: true }).waitFor();
  expect(await page.getByRole("menu").count()).toBe(0);
  release();
  await page.getByRole("menu", { name: "My state" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await myState(page, "Lunch").waitFor();
  expect(complaints).toEqual([]);
});
