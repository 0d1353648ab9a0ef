import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible, expectNoOverflow, openDesk, photograph, sharedBrowser, signIn } from "./harness/browser.ts";
import { ANNA, Daemon } from "./harness/daemon.ts";

let browser: Browser;
let daemon: Daemon;

beforeAll(async () => {
  [browser, daemon] = await Promise.all([sharedBrowser(), Daemon.start()]);
});

afterAll(async () => {
  await daemon?.stop();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the sign-in page loads, is accessible and breaks no policy (${colorScheme})`, async () => {
    const { context, page, complaints } = await openDesk(browser, daemon.url, { colorScheme });
    await page.locator("input[name=password]").waitFor();
    await expectAccessible(page);
    await expectNoOverflow(page);
    await photograph(page, `sign-in.${colorScheme}`);
    expect(complaints).toEqual([]);
    await context.close();
  });
}

// covers: AGT-02
test("a person signs in, and a reload keeps them signed in", async () => {
  const { context, page, complaints } = await openDesk(browser, daemon.url);
  await signIn(page, ANNA);
  await page.reload();
  await page.locator("#root > *").first().waitFor();
  expect(await page.locator("input[name=password]").count()).toBe(0);
  expect(complaints).toEqual([]);
  await context.close();
});
