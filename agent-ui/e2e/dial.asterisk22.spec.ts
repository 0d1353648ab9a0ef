import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "./harness/browser.ts";
import { ADMIN, ANNA, type Api, Daemon } from "./harness/daemon.ts";
import { Laboratory } from "./harness/laboratory.ts";
import { OtherSite } from "./harness/other-site.ts";
import { bar, callView, deviceOf, giveLines, sitDown } from "./harness/seats.ts";

/** A page as an integrator writes it: a link that dials by the API with a token. */
const PAGE = `<!doctype html><title>Orders</title>
<button>Call 0 555 111 222</button><output></output>
<script>
  const wish = new URLSearchParams(location.hash.slice(1));
  document.querySelector("button").onclick = async () => {
    const answer = await fetch(wish.get("api") + "/v1/calls", {
      method: "POST",
      headers: { authorization: "Bearer " + wish.get("token"), "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
      body: JSON.stringify({ from: wish.get("from"), to: "+420555111222" }),
    });
    document.querySelector("output").textContent = answer.status + " " + (await answer.json()).state;
  };
</script>`;

let browser: Browser;
let lab: Laboratory;
let daemon: Daemon;
let admin: Api;
let orders: OtherSite;

beforeAll(async () => {
  [browser, lab, orders] = await Promise.all([openBrowser(), Laboratory.start(["1001"]), OtherSite.start(PAGE)]);
  daemon = await Daemon.start({ switch: lab.switch, people: [ADMIN, ANNA], corsOrigins: [orders.url] });
  admin = await daemon.signIn(ADMIN);
  await giveLines(admin, { "1001": ANNA });
});

afterAll(async () => {
  await Promise.all([browser?.close(), daemon?.stop(), lab?.stop(), orders?.stop()]);
});

// covers: TEL-08
test("a page of another origin dials by token: the own phone first, and the desk shows each step", async () => {
  const { page, context, complaints } = await sitDown(browser, daemon.url, ANNA);
  const token = (await daemon.ctid(["token", "add", "orders", "--scope", "call.command.any"])).trim().split(/\s+/).at(-1) ?? "";
  const wish = new URLSearchParams({ api: daemon.url, token, from: await deviceOf(admin, "1001") });
  const shop = await context.newPage();
  await shop.goto(`${orders.url}/#${wish.toString()}`);
  await shop.getByRole("button").click();
  await shop.getByText(/^202 /).waitFor();
  // The own phone first; the customer's does not ring before it is lifted.
  await lab.rings("1001");
  await bar(page).getByText("Your phone rings: lift it").waitFor();
  await lab.answer("1001");
  await lab.rings("customer");
  await bar(page).getByText("It rings at the other end").waitFor();
  await lab.answer("customer");
  await callView(page, "live").waitFor();
  await bar(page).getByRole("region", { name: "Line: +420 555 111 222" }).getByRole("button", { name: "Hang up" }).click();
  await lab.free("customer");
  await callView(page, "live").waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});
