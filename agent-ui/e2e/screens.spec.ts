import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Desk, expectAccessible, expectNoOverflow, openDesk, photograph } from "./harness/browser.ts";
import { ADMIN, type Person } from "./harness/daemon.ts";
import { ANNA, GRETA, KNOWN, Scene, SHARED, UNKNOWN, note } from "./harness/scene.ts";
import { callView } from "./harness/seats.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterAll(() => scene?.stop());

/** The card and the line of a call, in every language. */
const card = (page: Page) => page.locator("[id^=pop-]");

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 400, height: 860 } } as const;
const LOOKS = ["light", "dark"] as const;
const LANGUAGES = ["en", "cs"] as const;

/** What was found on all screens; told at once, at the end of a test. */
const found: string[] = [];

async function gather(where: string, check: Promise<void>): Promise<void> {
  await check.catch((error: unknown) => found.push(`${where}: ${String(error)}`));
}

afterEach(() => expect(found.splice(0).join("\n")).toBe(""));

/** One person's desk in each language. */
type Pair = Record<(typeof LANGUAGES)[number], Desk>;

/** Photographs what both show: light and dark, wide and narrow; nothing sticks out, also with words that are a third longer; axe finds nothing. */
async function shoot(pair: Pair, name: string): Promise<void> {
  for (const language of LANGUAGES) {
    const { page } = pair[language];
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      for (const colorScheme of LOOKS) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await photograph(page, `${name}.${language}.${colorScheme}.${size}`);
        if (language === "en") await gather(`${name} ${size} ${colorScheme}`, expectAccessible(page));
      }
      await gather(`${name} ${size} ${language}`, expectNoOverflow(page));
    }
    await page.setViewportSize(SIZES.wide);
  }
}

async function both(person: Person): Promise<Pair> {
  const en = await scene.desk(person);
  const cs = await scene.desk(person, { locale: "cs-CZ" });
  return { en, cs };
}

async function everywhere(pair: Pair, wait: (page: Page) => Promise<unknown>): Promise<void> {
  await Promise.all(LANGUAGES.map((language) => wait(pair[language].page)));
}

test("screens of the agent", async () => {
  const pair = await both(ANNA);
  await shoot(pair, "desk-idle");
  await scene.simulator.order(`call ${UNKNOWN} 420555000600`);
  await everywhere(pair, (page) => card(page).waitFor());
  await shoot(pair, "pop-none");
  await scene.simulator.order(`hangup ${UNKNOWN}`);
  await everywhere(pair, (page) => card(page).waitFor({ state: "detached" }));
  await scene.simulator.order(`call ${SHARED.number} 420555000600`);
  await everywhere(pair, (page) => card(page).getByRole("radio").first().waitFor());
  await shoot(pair, "pop-many");
  await scene.simulator.order(`hangup ${SHARED.number}`);
  await everywhere(pair, (page) => card(page).waitFor({ state: "detached" }));
  await scene.simulator.order(`call ${KNOWN.number} 420555000600`);
  await everywhere(pair, (page) => card(page).getByRole("heading", { name: KNOWN.name }).waitFor());
  await shoot(pair, "pop-one");
  await scene.simulator.order("answer 1001");
  await everywhere(pair, (page) => callView(page, "live").waitFor());
  await note(pair.en.page).fill("Škoda na střeše po vichřici, volat po třetí hodině.");
  await shoot(pair, "call");
  await everywhere(pair, (page) => page.getByRole("toolbar").getByRole("button", { name: /^(Transfer|Přepojit)$/ }).click());
  await shoot(pair, "transfer");
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await everywhere(pair, (page) => callView(page, "wrap_up").waitFor());
  await shoot(pair, "wrap-up");
  expect([...pair.en.complaints, ...pair.cs.complaints]).toEqual([]);
}, 120_000);
