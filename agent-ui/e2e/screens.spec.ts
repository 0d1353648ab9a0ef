import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Desk, expectAccessible, expectNoOverflow, photograph, signIn } from "./harness/browser.ts";
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

/** Every word gets a third longer for a moment: nothing may stick out then either. */
async function holdsLongerWords(page: Page): Promise<void> {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const kept: [Text, string][] = [];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (!(node instanceof Text) || !/\p{L}{3}/u.test(node.data)) continue;
      kept.push([node, node.data]);
      node.data += "ě".repeat(Math.ceil(node.data.length * 0.35));
    }
    Object.assign(window, { shorten: () => kept.forEach(([node, text]) => (node.data = text)) });
  });
  try {
    await expectNoOverflow(page);
  } finally {
    await page.evaluate("shorten()");
  }
}

/** At 400 px every section of an administrator is reached without a sideways scroll: some stand, the others are in a menu. */
async function railFits(page: Page): Promise<void> {
  await page.setViewportSize(SIZES.narrow);
  const rail = page.getByRole("navigation", { name: /^(Main sections|Hlavní části)/ });
  expect(await rail.evaluate((one) => one.scrollWidth <= one.clientWidth), "width of the rail").toBe(true);
  await rail.getByRole("button", { name: /^(More|Další)/ }).click();
  await page.getByRole("menuitem", { name: /^(Users|Uživatelé)/ }).click();
  await page.waitForURL(/\/admin\/users/);
}

/** One person's desk in each language. */
type Pair = Record<(typeof LANGUAGES)[number], Desk>;

/** Photographs what both show: light and dark, wide and narrow; nothing sticks out, also with words that are a third longer; axe finds nothing. */
async function shoot(pair: Pair, name: string): Promise<void> {
  await Promise.all(LANGUAGES.map((language) => look(pair[language].page, language, name)));
}

async function look(page: Page, language: (typeof LANGUAGES)[number], name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of LOOKS) {
      // Both looks and both widths are looked at, though not each with each.
      const isLookedAt = language === "en" && (size === "wide") === (colorScheme === "light");
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await photograph(page, `${name}.${language}.${colorScheme}.${size}`);
      if (isLookedAt) await gather(`${name} ${size} ${colorScheme}`, expectAccessible(page));
    }
    await gather(`${name} ${size} ${language}`, expectNoOverflow(page));
    if (language === "en") await gather(`${name} ${size} +35 %`, holdsLongerWords(page));
  }
  await page.setViewportSize(SIZES.wide);
}

async function both(person: Person): Promise<Pair> {
  const en = await scene.desk(person);
  const cs = await scene.desk(person, { locale: "cs-CZ" });
  return { en, cs };
}

async function everywhere(pair: Pair, wait: (page: Page) => Promise<unknown>): Promise<void> {
  await Promise.all(LANGUAGES.map((language) => wait(pair[language].page)));
}

// covers: AGT-01 POP-01 POP-02
test("the desk of an agent is calm and accessible from the idle day over pops and a call to wrap-up", async () => {
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
  await pair.en.page.getByText(/^saved/).waitFor();
  await shoot(pair, "call");
  await everywhere(pair, (page) => page.getByRole("toolbar").getByRole("button", { name: /^(Transfer|Přepojit)$/ }).click());
  await shoot(pair, "transfer");
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await everywhere(pair, (page) => callView(page, "wrap_up").waitFor());
  await shoot(pair, "wrap-up");
  // One person at two desks: what one of them closes is closed at the other.
  await pair.en.page.getByRole("button", { name: /^Save and close/ }).click();
  await everywhere(pair, (page) => callView(page, "wrap_up").waitFor({ state: "detached" }));
  await shoot(pair, "desk-day");
  await everywhere(pair, (page) => page.goto(`${scene.daemon.url}/journal`));
  await everywhere(pair, (page) => page.getByText(KNOWN.company).first().waitFor());
  await shoot(pair, "journal");
  expect([...pair.en.complaints, ...pair.cs.complaints]).toEqual([]);
}, 150_000);

// covers: AGT-30
test("what is beside the calls is calm and accessible: phone choice, menus, directory, settings", async () => {
  await scene.clear();
  const choice: Pair = { en: await scene.open(), cs: await scene.open({ locale: "cs-CZ" }) };
  await shoot(choice, "sign-in");
  await everywhere(choice, (page) => signIn(page, GRETA));
  await everywhere(choice, (page) => page.getByRole("radio").first().waitFor());
  await shoot(choice, "phone-choice");
  await scene.clear();
  const pair = await both(GRETA);
  for (const [name, path] of [["directory", "/directory"], ["contacts", "/contacts"], ["settings", "/settings"], ["dial", `/dial?number=${encodeURIComponent("tel:+420605550142")}`], ["journal-none", "/journal?number=999"]]) {
    await everywhere(pair, (page) => page.goto(`${scene.daemon.url}${path}`));
    await everywhere(pair, (page) => page.getByRole("heading").nth(1).waitFor());
    await shoot(pair, name ?? "");
  }
  await everywhere(pair, (page) => page.goto(scene.daemon.url));
  await everywhere(pair, (page) => page.getByRole("button", { name: /^(My state|Můj stav)/ }).click());
  await everywhere(pair, (page) => page.getByRole("menu").waitFor());
  await shoot(pair, "state-menu");
  await everywhere(pair, (page) => page.keyboard.press("Escape"));
  await everywhere(pair, (page) => page.keyboard.press("?"));
  await everywhere(pair, (page) => page.getByRole("dialog").waitFor());
  await shoot(pair, "shortcuts");
  await everywhere(pair, (page) => page.keyboard.press("Escape"));
}, 150_000);

// covers: ADM-05 ADM-07 POP-24
test("the pages of the administrator are calm and accessible", async () => {
  await scene.clear();
  const pair = await both(ADMIN);
  await scene.api.post("/v1/pop_rules", { name: "CRM", direction: "inbound", scope: "external", trigger: "alerting", url_template: "https://crm.example/search?phone={number.e164|unknown}" });
  for (const [name, path] of [["setup-link", "/admin/setup?switch=lab"], ["setup-people", "/admin/setup?part=people"], ["pop-rules", "/admin/pops"], ["users", "/admin/users"]]) {
    await everywhere(pair, (page) => page.goto(`${scene.daemon.url}${path}`));
    await everywhere(pair, (page) => page.getByRole("heading").nth(1).waitFor());
    await everywhere(pair, (page) => page.waitForLoadState("networkidle"));
    await shoot(pair, name ?? "");
  }
  await everywhere(pair, (page) => railFits(page));
  expect([...pair.en.complaints, ...pair.cs.complaints]).toEqual([]);
}, 150_000);

// The last one: nobody needs the server any more.
// covers: AGT-30
test("a lost link and a lost server are told calmly and accessibly", async () => {
  await scene.clear();
  const pair = await both(GRETA);
  await scene.simulator.order("fault cut 15s");
  await everywhere(pair, (page) => page.getByText(/PBX link lost|Spojení s ústřednou/).first().waitFor());
  await shoot(pair, "link-lost");
  await scene.daemon.kill();
  await everywhere(pair, (page) => page.getByText(/No connection to the server for|Bez spojení se serverem/).first().waitFor());
  await shoot(pair, "server-lost");
}, 150_000);
