import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { items } from "./harness/daemon.ts";
import { expectAccessible } from "./harness/browser.ts";
import { BORIS, KNOWN_DIALLED, Scene } from "./harness/scene.ts";
import { bar, callView, connected } from "./harness/seats.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterEach(() => scene.clear());
afterAll(() => scene?.stop());

// covers: TEL-09
test("a tel: link shows what it would dial, and only Enter rings the own phone and then the number", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  // What the browser would keep: asked for by a press in the settings.
  await page.evaluate(() => {
    const asked: string[][] = [];
    Object.assign(window, { asked });
    navigator.registerProtocolHandler = (scheme, url) => void asked.push([scheme, String(url)]);
  });
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Open phone links here" }).click();
  await page.getByText("The browser was asked.").waitFor();
  const [[scheme, template] = []] = await page.evaluate<string[][]>("asked");
  expect(scheme).toBe("tel");
  expect(template).toBe(`${scene.daemon.url}/dial?number=%s`);
  await page.goto(String(template).replace("%s", encodeURIComponent("tel:+420-605-550-142")));
  await connected(page);
  const dial = page.getByRole("button", { name: "Dial +420\u00a0605\u00a0550\u00a0142" });
  await dial.waitFor();
  await page.getByText("+420-605-550-142", { exact: true }).waitFor();
  await page.getByRole("main").getByRole("definition").getByText("1002", { exact: true }).waitFor();
  await expect.poll(() => dial.evaluate((button) => button === document.activeElement)).toBe(true);
  await expectAccessible(page);
  expect(items(await scene.api.get("/v1/calls?state=live")), "a link dials nothing by itself").toEqual([]);
  await page.keyboard.press("Enter");
  await bar(page).getByText(/Your phone rings: lift it/).waitFor();
  expect(new URL(page.url()).pathname).toBe("/");
  await scene.simulator.order("answer 1002");
  await scene.simulator.order(`answer ${KNOWN_DIALLED}`);
  await callView(page, "live").waitFor();
  expect(complaints).toEqual([]);
});

// covers: TEL-09
test("a link that must not be dialled says why and has no way to dial it", async () => {
  const { page } = await scene.desk(BORIS);
  for (const [link, why] of [["tel:900123456", "Premium number, not allowed"], ["tel:hello", "This is no phone number"]] as const) {
    await page.goto(`${scene.daemon.url}/dial?number=${encodeURIComponent(link)}`);
    await connected(page);
    await page.getByRole("main").getByText(why).first().waitFor();
    const dial = page.getByRole("button", { name: /^Dial (?!field)/ }).first();
    expect(await dial.getAttribute("aria-disabled")).toBe("true");
    await dial.press("Enter");
  }
  await page.goto(`${scene.daemon.url}/dial`);
  await page.getByText("No number in this link").waitFor();
  expect(items(await scene.api.get("/v1/calls?state=live"))).toEqual([]);
});

// covers: TEL-09
test("a link says where it goes on after the answer, and a press meant for another window dials nothing", async () => {
  const { page, complaints } = await scene.desk(BORIS);
  await page.goto(`${scene.daemon.url}/dial?number=${encodeURIComponent("tel:+420-605-550-142;ext=12")}`);
  await connected(page);
  await page.getByRole("definition").filter({ hasText: /550.142.*12/ }).last().waitFor();
  const dial = page.getByRole("button", { name: /^Dial \+420/ });
  // Somebody else's page brings this one in front just when a key goes down.
  await dial.evaluate((button) => {
    window.dispatchEvent(new Event("focus"));
    (button as HTMLButtonElement).click();
  });
  expect(new URL(page.url()).pathname).toBe("/dial");
  expect(items(await scene.api.get("/v1/calls?state=live")), "a press that was not meant").toEqual([]);
  await expect.poll(async () => {
    if (new URL(page.url()).pathname === "/dial") await dial.press("Enter", { timeout: 1_000 }).catch(() => undefined);
    return new URL(page.url()).pathname;
  }, { timeout: 15_000 }).toBe("/");
  await scene.liveCall();
  expect(complaints).toEqual([]);
});
