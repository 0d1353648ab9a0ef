import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ADMIN, items } from "./harness/daemon.ts";
import { field, look, save, saved } from "./harness/forms.ts";
import { OtherSite } from "./harness/other-site.ts";
import { KNOWN, type Scene } from "./harness/scene.ts";
import { rest, teamScene } from "./harness/team.ts";

let scene: Scene;
let erp: OtherSite;

beforeAll(async () => {
  [scene, erp] = await Promise.all([teamScene(), OtherSite.start()]);
});

afterEach(() => scene.clear());
afterAll(async () => {
  await rest(scene);
  await erp?.stop();
});

const log = (page: Page) => page.getByRole("grid", { name: "Deliveries" });

/** A call that nobody takes: its events go to whoever wants them. */
async function lostCall(): Promise<void> {
  const before = items(await scene.api.get("/v1/calls?state=ended&limit=200")).length;
  await scene.simulator.order(`call ${KNOWN.number} 420555000601`);
  await scene.liveCall();
  await scene.simulator.order(`hangup ${KNOWN.number}`);
  await scene.api.until("/v1/calls?state=ended&limit=200", "the end of the call", (calls) => items(calls).length > before);
}

// covers: INT-08 INT-09
test("an endpoint is made in the browser, its secret is shown once, a test reaches it, and events are listed and posted again", async () => {
  const { page, complaints } = await scene.desk(ADMIN);
  await page.getByRole("navigation", { name: "Main sections" }).getByRole("link", { name: "Webhooks" }).click();
  await page.getByText("No webhooks yet").waitFor();
  await page.getByRole("button", { name: "Make the webhook" }).press("Enter");
  await field(page, "Address").fill("ftp://erp.example");
  await save(page, "Make the webhook");
  await page.getByText("Is needed.").first().waitFor();
  await field(page, "Name").fill("ERP");
  await save(page, "Make the webhook");
  await page.locator("[data-tone=bad]").first().waitFor();
  await field(page, "Address").fill(`${erp.url}/hook`);
  await field(page, "Events").fill("call.ended");
  await save(page, "Make the webhook");
  const once = page.getByRole("dialog", { name: "The secret of ERP" });
  expect(await once.locator("pre").innerText()).toMatch(/^whsec_/);
  await once.getByRole("button", { name: "Close" }).last().press("Enter");
  await once.waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("button", { name: "Post a test" }).click();
  await page.getByText(/^Taken within/).waitFor();
  expect(await page.content()).not.toContain("whsec_");
  expect(erp.requests).toEqual(["/hook"]);
  await field(page, "Left out").fill("**.number");
  await save(page);
  await saved(page);
  await look(page, "webhook");
  await deliveries(page);
  expect(complaints.filter((text) => !/422|400/.test(text))).toEqual([]);
});

/** What the endpoint got is listed, goes there again by a press, and waits while the endpoint says that it is gone. */
async function deliveries(page: Page): Promise<void> {
  await lostCall();
  await erp.asked(2);
  await page.getByRole("radio", { name: "Deliveries" }).press("Enter");
  const ended = log(page).getByRole("row").filter({ hasText: "call.ended" }).first();
  await ended.getByText("delivered").waitFor();
  await ended.getByRole("button", { name: "Post again: call.ended" }).click();
  await erp.asked(3);
  await look(page, "webhook-deliveries");
  erp.status = 410;
  await lostCall();
  await page.getByText("says it is gone").first().waitFor({ timeout: 20_000 });
  erp.status = 200;
  const before = erp.requests.length;
  await page.getByRole("button", { name: "Go on" }).click();
  await erp.asked(before + 1);
  await page.locator("#pane-tools").getByText("works").waitFor();
}
