import { readFile } from "node:fs/promises";
import type { Frame, Page } from "playwright-core";
import { signIn } from "./browser.ts";
import type { Person } from "./daemon.ts";
import { OtherSite } from "./other-site.ts";
import { fromTop } from "./program.ts";

/** How long a fake host may take to hear of something. */
const PATIENCE_MS = 15_000;

/** What a fake host noted of what it was told, in order. */
export interface Deed {
  name: string;
  args: unknown;
}

/** A page of `e2e/hosts` on a site of its own; `{{NAME}}` in it becomes a value. */
export async function serveHost(name: string, values: Record<string, string>): Promise<OtherSite> {
  const html = await readFile(fromTop(`agent-ui/e2e/hosts/${name}.html`), "utf8");
  const filled = html.replaceAll(/\{\{([A-Z]+)\}\}/g, (_, key: string) => values[key] ?? "");
  return OtherSite.start(filled);
}

/** The same server by another name: for a browser another site, whose frames get no cookie of ours. */
export const elsewhere = (site: OtherSite): string => site.url.replace("127.0.0.1", "localhost");

/** The desk in the page, at whatever depth. */
export async function deskFrame(page: Page): Promise<Frame> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const frame = page.frames().find((one) => one.url().endsWith("/embed"));
    if (frame !== undefined) return frame;
    if (Date.now() > end) throw new Error(`there is no desk in this page, but ${page.frames().map((one) => one.url()).join(" ")}`);
    await page.waitForTimeout(50);
  }
}

/** Signs in as a person does: by the window that the press in the frame opens. */
export async function enter(page: Page, person: Person): Promise<Frame> {
  const frame = await deskFrame(page);
  const opening = page.waitForEvent("popup");
  await frame.getByRole("button", { name: "Sign in" }).click();
  const popup = await opening;
  const form = popup.locator("input[name=login]");
  // Who is signed in there already sees the window close by itself.
  const closing = popup.isClosed() ? Promise.resolve() : popup.waitForEvent("close");
  const isAsked = await Promise.race([form.waitFor().then(() => true, () => false), closing.then(() => false)]);
  if (isAsked) await signIn(popup, person).catch(() => undefined);
  await closing;
  const ready = frame.getByRole("combobox", { name: "Dial", exact: true }).or(frame.getByRole("textbox", { name: "Dial", exact: true }));
  const choice = frame.getByRole("button", { name: "Work at this phone" });
  await ready.or(choice).first().waitFor();
  if (await choice.isVisible()) await choice.click();
  await frame.getByRole("button", { name: /^Connections\. This computer: connected, Server: connected, PBX: connected/ }).waitFor();
  return frame;
}

/** What the host heard, under one of the names. */
export async function heard(page: Page, ...names: string[]): Promise<Deed[]> {
  const all = await page.evaluate<Deed[]>("window.heard");
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** Waits until the host heard it, and fails by saying what it heard. */
export async function hears(page: Page, name: string, isIt: (deed: Deed) => boolean = () => true): Promise<Deed> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = (await heard(page, name)).find(isIt);
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`the host never heard ${name}, but ${JSON.stringify(await heard(page), null, 1)}`);
    await page.waitForTimeout(50);
  }
}
