import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Json, items } from "./harness/daemon.ts";
import { ANNA, CYRIL, Scene } from "./harness/scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterEach(() => scene.clear());
afterAll(() => scene?.stop());

const queueSwitch = (page: Page, queue: string): Locator => page.getByRole("table", { name: "My queues" }).getByRole("switch", { name: `Calls of ${queue}` });

/** Gives or takes a role beside the agent's own. */
async function roles(login: string, given: string[]): Promise<void> {
  const user = items(await scene.api.get("/v1/users?limit=200")).find((one) => one.login === login);
  await scene.api.ask("PATCH", `/v1/users/${String(user?.id)}`, { roles: given });
}

// covers: AGT-06
test("who may not sign in and out of queues sees the switch grey, with the reason", async () => {
  const { page, complaints } = await scene.desk(ANNA);
  const one = queueSwitch(page, "Reklamace");
  await one.waitFor();
  expect(await one.getAttribute("aria-disabled")).toBe("true");
  await one.focus();
  await page.getByRole("tooltip").getByText("Only a supervisor may sign you in to queues and out of them").waitFor();
  await page.keyboard.press("Space");
  expect(await one.getAttribute("aria-checked")).toBe("true");
  expect(complaints).toEqual([]);
});

// covers: AGT-05
test("who may signs out of one queue and in again at the desk, and stays in the others", async () => {
  await roles(CYRIL.login, ["agent", "queues"]);
  const { page, complaints } = await scene.desk(CYRIL);
  // By the code of the switch he joins a queue that he can also leave.
  await scene.simulator.order("call 1003 *45");
  const one = queueSwitch(page, "English line");
  await one.waitFor();
  await one.click();
  await expect.poll(() => one.getAttribute("aria-checked"), { timeout: 5_000 }).toBe("false");
  await scene.api.until("/v1/agents?limit=200", "nobody but Greta in the queue", (all) => queuesOf(all, CYRIL.phone) === 1);
  await one.click();
  await expect.poll(() => one.getAttribute("aria-checked"), { timeout: 5_000 }).toBe("true");
  expect(await queueSwitch(page, "Reklamace").getAttribute("aria-checked")).toBe("true");
  // A queue in which the PBX holds him fast is grey.
  expect(await queueSwitch(page, "Reklamace").getAttribute("aria-disabled")).toBe("true");
  expect(await page.getByText("The PBX keeps you in this queue").count()).toBe(1);
  expect(complaints).toEqual([]);
});

function queuesOf(agents: Json, phone: string): number {
  const queues = items(agents).find((one) => one.extension === phone)?.queues;
  return Array.isArray(queues) ? queues.length : 0;
}
