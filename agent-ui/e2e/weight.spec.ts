import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ANNA, Scene } from "./harness/scene.ts";
import { callView, card, myDeviceLine } from "./harness/seats.ts";

/** The promise for a tab of a desk at rest. */
const TAB_MAX_MB = 300;

let scene: Scene;

beforeAll(async () => {
  // What other specs did in a browser would be weighed with it.
  scene = await Scene.start({ browser: "own" });
});

afterAll(() => scene?.stop());

/** What the heaviest page process of the browser has in memory, pages it shares with others included. */
async function heaviestTab(): Promise<number> {
  const session = await scene.browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo.filter(({ type }) => type === "renderer").map(async ({ id }) => {
    const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_000;
  });
  return Math.max(...(await Promise.all(sizes)));
}

// covers: AGT-38
test("a tab of the desk at rest, after some calls, takes less than 300 MB of memory", async () => {
  const { page, complaints } = await scene.desk(ANNA);
  for (let nth = 0; nth < 5; nth += 1) {
    const caller = `+42060555010${nth}`;
    await scene.simulator.order(`call ${caller} 420555000600`);
    await card(page).getByRole("heading", { name: `+420 605 550 10${nth}` }).waitFor();
    await scene.simulator.order(`hangup ${caller}`);
  }
  await callView(page).waitFor({ state: "detached" });
  await myDeviceLine(page).waitFor();
  const size = await heaviestTab();
  console.log(`memory of an idle tab: ${size.toFixed(0)} MB`);
  expect(size).toBeGreaterThan(0);
  expect(size).toBeLessThan(TAB_MAX_MB);
  expect(complaints).toEqual([]);
});
