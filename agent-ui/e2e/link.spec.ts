import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, Daemon, items } from "./harness/daemon.ts";
import { Simulator } from "./harness/simulator.ts";

const CALLER = "+420605550142";

let simulator: Simulator;
let daemon: Daemon;

beforeAll(async () => {
  simulator = await Simulator.start();
  daemon = await Daemon.start({ switch: simulator.switch });
});

afterAll(async () => {
  await Promise.all([daemon?.stop(), simulator?.stop()]);
});

test("a call at the simulated switch is followed, and a restart in its middle loses nothing", async () => {
  const api = await daemon.signIn(ADMIN);
  await simulator.order(`call ${CALLER} 420555000600`);
  const live = await api.until("/v1/calls?state=live", "a live call", (calls) => items(calls).length === 1);
  await daemon.restart();
  await daemon.linked();
  expect(items(await api.get("/v1/calls?state=live")).map((call) => call.id)).toEqual(items(live).map((call) => call.id));
  await simulator.order(`hangup ${CALLER}`);
  await api.until("/v1/calls?state=live", "no live call", (calls) => items(calls).length === 0);
});
