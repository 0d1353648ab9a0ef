// Forms of administrators, as a person fills them in.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { expectAccessible, expectNoOverflow, photograph } from "./browser.ts";

/** A field of a form. */
export const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });

/** Presses the button that saves. */
export const save = (page: Page, name = "Save") => page.getByRole("button", { name, exact: true }).click();

/** The form is as the server has it. */
export const saved = (page: Page) => expect.poll(() => page.getByRole("button", { name: "Save", exact: true }).getAttribute("data-unavailable"), { timeout: 10_000 }).toBe("true");

/** Typed as a person does: over what stands there, key after key. */
export async function keys(page: Page, name: string, text: string): Promise<void> {
  await field(page, name).press("ControlOrMeta+a");
  await field(page, name).pressSequentially(text);
}

/** It cannot be saved, because a field holds what is no value. */
export const barred = (page: Page) => page.getByRole("button", { name: "Save", exact: true, disabled: true }).getByText(/^Fields to mend/).waitFor({ state: "attached" });

/** Chooses from a list. */
export async function pick(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`${label}$`) }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

/** What is sent so is on its way until it is let go. */
export async function hold(page: Page, method: string, path: string): Promise<{ isSent: Promise<unknown>; release: () => void }> {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => { release = resolve; });
  await page.route((url) => url.pathname === path && url.search === "", (route) => (route.request().method() === method ? held.then(() => route.continue()) : route.continue()));
  const isSent = page.waitForRequest((request) => request.method() === method && request.url().endsWith(path));
  return { isSent, release };
}

/** Looked at in both looks, wide and narrow. */
export async function look(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await expectNoOverflow(page);
  await photograph(page, `${name}.en.light.wide`);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await photograph(page, `${name}.en.dark.wide`);
  await page.setViewportSize({ width: 400, height: 860 });
  await photograph(page, `${name}.en.dark.narrow`);
  await expectNoOverflow(page);
  await expectAccessible(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
