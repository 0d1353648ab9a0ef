import { setTimeout as pass } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { items } from "./harness/daemon.ts";
import { Relay } from "./harness/relay.ts";
import { BORIS, KNOWN, Scene, UNKNOWN, note } from "./harness/scene.ts";
import { bar, callView, card, connected } from "./harness/seats.ts";

/** How long the network is away. */
const CUT_MS = 10_000;

let scene: Scene;
let relay: Relay;

beforeAll(async () => {
  scene = await Scene.start();
  relay = await Relay.start(scene.daemon.url);
});

afterAll(async () => {
  await relay?.stop();
  await scene?.stop();
});

// covers: AGT-03 AGT-30
test("a network cut of ten seconds in a call is told while it lasts, and afterwards the desk shows what became of it", async () => {
  const { page, complaints } = await scene.desk(BORIS, {}, relay.url);
  const words = "Chce posunout splátky o měsíc";
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).waitFor();
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  const first = String((await scene.liveCall()).id);
  await note(page).pressSequentially(words.slice(0, 10));
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));

  relay.cut();
  const mended = pass(CUT_MS).then(() => relay.mend());
  await page.getByRole("button", { name: /^Connections.*Server: wanted, failing/ }).waitFor();
  await page.getByText("What you write is kept here and sent later.").waitFor();
  expect(await page.getByRole("button", { name: /PBX: connected/ }).count()).toBe(0);
  // Meanwhile the first call ends and another one rings; the desk cannot know and goes on showing what it knew.
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  await scene.api.until("/v1/calls?state=live", "the second call to ring", (calls) => items(calls).some((call) => call.id !== first));
  await callView(page, "live").waitFor();
  const hold = bar(page).getByRole("region", { name: `Line: ${KNOWN.name}` }).getByRole("button", { name: "Hold" });
  expect(await hold.getAttribute("aria-disabled")).toBe("true");
  await note(page).pressSequentially(words.slice(10));

  await mended;
  await connected(page);
  await card(page).getByRole("heading", { name: "+420 605 550 100" }).waitFor();
  expect(await bar(page).getByRole("region", { name: `Line: ${KNOWN.name}` }).count()).toBe(0);
  await scene.api.until(`/v1/calls/${first}`, "the note that was written during the cut", ({ notes }) => JSON.stringify(notes).includes(words));
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
  // What the browser itself says of a network that is away is no complaint of the page.
  expect(complaints.filter((text) => !/net::ERR_|WebSocket/.test(text))).toEqual([]);
});
