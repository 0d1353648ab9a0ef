import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, openDesk, signIn } from "./harness/browser.ts";
import type { Person } from "./harness/daemon.ts";
import { note } from "./harness/scene.ts";
import { bar, callView, card, connected, myState } from "./harness/seats.ts";
import { Program, built, fromTop } from "./harness/program.ts";

/** Two callers are asked for, one for each phone that waits; a slow machine may need more of those who come by themselves. */
const CALLER_MS = 120_000;

const person = (login: string, role: string): Person => ({ login, role, password: `${login}-demo-2026` });

let demo: Program;
let url: string;
let browser: Browser;
/** Steps that were taken, by their numbers in the page. */
const taken: string[] = [];

beforeAll(async () => {
  const env = { TIELINE_CTID: built("TIELINE_CTID", "debug/ctid"), TIELINE_SIM: built("TIELINE_SIM", "debug/switch-sim") };
  const started = await Program.start("demo", [built("TIELINE_DEMO", "debug/demo")], /^ {4}(http:\S+)$/, { env });
  demo = started.program;
  url = String(started.match[1]);
  await demo.says(/press Enter for a call/);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

async function step(id: string, take: () => Promise<unknown>): Promise<void> {
  taken.push(id);
  try {
    await take();
  } catch (error) {
    throw new Error(`step ${id} of docs/walkthrough.md: ${String(error)}`, { cause: error });
  }
}

const section = (page: Page, name: string) => page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name });

// covers: DOC-14 POP-01 TEL-16 TEL-17
test("the agent's walk: a whole call from the sign-in to the wrap-up, lunch, the book and a link", async () => {
  const { page } = await openDesk(browser, url);
  await step("A1", async () => {
    await signIn(page, person("jana", "agent"));
    await page.getByRole("button", { name: "Work at this phone" }).click();
    await connected(page);
    await page.getByRole("row", { name: /Petr Lhota/ }).waitFor();
  });
  await step("A2", () => {
    demo.write("");
    demo.write("");
    return card(page).first().waitFor({ timeout: CALLER_MS });
  });
  await step("A3", async () => {
    await answersCall(page);
    await note(page).fill("Chce novou smlouvu");
    await page.getByText(/^saved/).waitFor();
  });
  await step("A4", async () => {
    await bar(page).getByRole("button", { name: "Hold" }).click();
    await bar(page).getByRole("button", { name: "Retrieve" }).click();
    await bar(page).getByRole("button", { name: "Hold" }).waitFor();
  });
  await step("A5", async () => {
    await bar(page).getByRole("button", { name: "Transfer" }).click();
    await page.getByRole("searchbox", { name: "Transfer to" }).fill("Petr");
    await page.getByRole("option", { name: /Petr Lhota/ }).or(page.getByRole("row", { name: /Petr Lhota/ })).first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
  });
  await step("A6", async () => {
    await bar(page).getByRole("button", { name: "Hang up" }).click();
    await callView(page, "wrap_up").or(callView(page, "ended")).waitFor();
    expect(await note(page).inputValue()).toBe("Chce novou smlouvu");
    await page.getByRole("button", { name: /^(Save and close|Close)/ }).first().click();
  });
  await step("A7", async () => {
    await bar(page).getByRole("button", { name: /^My state/ }).click();
    await page.getByRole("menuitem", { name: /Lunch/ }).click();
    await myState(page, "Lunch").waitFor({ timeout: 30_000 });
  });
  await step("A8", async () => {
    await section(page, "History").click();
    await page.getByRole("grid", { name: "Call history" }).getByText("Jana Dvorná").first().waitFor();
  });
  await step("A9", async () => {
    await page.goto(`${url}/dial?number=${encodeURIComponent("tel:+420605550104")}`);
    await connected(page);
    await page.getByRole("button", { name: "Dial +420\u00a0605\u00a0550\u00a0104" }).press("Enter");
    await bar(page).getByText(/Your phone rings: lift it/).waitFor();
  });
}, 300_000);

/** Answers the card that rings; a caller that gave up or went on to the next agent is followed by another. */
async function answersCall(page: Page): Promise<void> {
  for (let ring = 0; ring < 5; ring += 1) {
    // Each try waits for a card; the next one is another caller.
    // oxlint-disable-next-line no-await-in-loop
    await card(page).first().waitFor({ timeout: CALLER_MS });
    // oxlint-disable-next-line no-await-in-loop
    const isAnswered = await card(page).first().getByRole("button", { name: "Answer" }).click({ timeout: 5_000 })
      .then(() => callView(page, "live").waitFor({ timeout: 5_000 }))
      .then(() => true, () => false);
    if (isAnswered) return;
  }
  throw new Error("no call could be answered");
}

// covers: DOC-14 POP-19
test("the supervisor's walk: the team live, its book, and both on a small screen", async () => {
  const { page } = await openDesk(browser, url);
  await step("S1", async () => {
    await signIn(page, person("sofia", "supervisor"));
    await page.getByRole("button", { name: /^Continue without/ }).click();
    await page.getByRole("row", { name: /Eva Nová/ }).waitFor();
  });
  await step("S2", async () => {
    await section(page, "History").click();
    await page.getByRole("combobox", { name: "Person" }).fill("Jana");
    await page.getByRole("option", { name: "Jana Dvorná" }).click();
    await page.getByRole("grid", { name: "Call history" }).getByText("Jana Dvorná").first().waitFor();
  });
  await step("S3", async () => {
    await page.setViewportSize({ width: 400, height: 860 });
    await page.getByRole("list", { name: "Call history" }).getByText("Jana Dvorná").first().waitFor();
  });
}, 120_000);

// covers: DOC-14 ADM-05 ADM-07
test("the administrator's walk: what is missing, the link, rules, users and contacts", async () => {
  const { page } = await openDesk(browser, url);
  await signIn(page, person("admin", "admin"));
  await page.getByRole("button", { name: /^Continue without/ }).or(bar(page)).first().waitFor();
  if (!(await bar(page).isVisible())) await page.getByRole("button", { name: /^Continue without/ }).click();
  await step("M1", async () => {
    await section(page, "Set-up").click();
    await page.getByRole("button", { name: /^2\. / }).click();
    await page.getByRole("button", { name: /^What is missing/ }).waitFor();
    await page.getByRole("main").getByText("1041").first().waitFor();
  });
  await step("M2", async () => {
    await page.getByRole("button", { name: /^1\. / }).click();
    await page.getByRole("button", { name: "Run all" }).click();
    await page.getByText(/^an event came back after/).waitFor();
  });
  await step("M3", async () => {
    await section(page, "Pop rules").click();
    await page.getByRole("list", { name: "Log of pops" }).getByRole("listitem").first().waitFor();
  });
  await step("M4", async () => {
    await section(page, "Users").click();
    await page.getByRole("row", { name: /Jana Dvorná/ }).waitFor();
  });
  await step("M5", async () => {
    await section(page, "Contacts").click();
    await page.getByRole("searchbox", { name: "Name, company, number or key" }).fill("605550104");
    await page.getByRole("row", { name: /Hana Světlá/ }).waitFor();
  });
}, 120_000);

// covers: DOC-14
test("every step of the page was taken, and in its order", async () => {
  const page = await readFile(fromTop("docs/walkthrough.md"), "utf8");
  expect([...page.matchAll(/^- \*\*([ASM]\d+) /gm)].map((match) => match[1])).toEqual(taken);
});
