import type { Page, WebSocketRoute } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { BORIS, KNOWN, Scene, UNKNOWN, note } from "./harness/scene.ts";
import { callView, card, connected } from "./harness/seats.ts";

/** The cut that the requirement names. */
const CUT_MS = 10_000;

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterEach(() => scene.clear());
afterAll(() => scene?.stop());

/** The stream of a page as a cable that can be pulled: what is open goes, and nothing new comes through. */
async function cableOf(page: Page): Promise<{ pull(): Promise<void>; plug(): void }> {
  const open: WebSocketRoute[] = [];
  let isPulled = false;
  await page.routeWebSocket(/\/v1\/stream/, async (socket) => {
    if (isPulled) return socket.close();
    open.push(socket, socket.connectToServer());
  });
  return {
    pull: async () => {
      isPulled = true;
      await Promise.all(open.splice(0).map((socket) => socket.close()));
    },
    plug: () => {
      isPulled = false;
    },
  };
}

// covers: AGT-03
test("after a cut of ten seconds the desk shows what is true, and what was typed meanwhile is there", async () => {
  const { page } = await scene.desk(BORIS);
  const cable = await cableOf(page);
  await page.reload();
  await connected(page);
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await card(page).waitFor();
  await scene.simulator.order("answer 1002");
  await callView(page, "live").waitFor();
  const pulled = Date.now();
  await cable.pull();
  await page.getByText(/No connection to the server for/).first().waitFor();
  await note(page).fill("Napsáno bez spojení");
  // What the desk does not hear of: the end of this call, and another one that rings.
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await scene.simulator.order(`call ${UNKNOWN} 420555000601`);
  await scene.api.until("/v1/devices?limit=200", "the phone to ring again", (devices) => JSON.stringify(devices).includes('"ringing"'));
  expect(await card(page).count(), "a desk without a stream hears nothing").toBe(0);
  // The length of the cut is what is asked for, not something to wait for.
  await page.waitForTimeout(Math.max(0, CUT_MS - (Date.now() - pulled)));
  cable.plug();
  await connected(page);
  await card(page).getByText("No match").waitFor();
  expect(await callView(page, "live").count(), "the call that ended meanwhile").toBe(0);
  await scene.api.until("/v1/contacts/history?number=%2B420605550142", "the note of the cut", (rows) => JSON.stringify(rows).includes("Napsáno bez spojení"));
});
