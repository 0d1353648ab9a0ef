import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, Daemon, items } from "./harness/daemon.ts";
import { Laboratory } from "./harness/laboratory.ts";

let lab: Laboratory;
let daemon: Daemon;

beforeAll(async () => {
  lab = await Laboratory.start(["1001"]);
  daemon = await Daemon.start({ switch: lab.switch });
});

afterAll(async () => {
  await Promise.all([daemon?.stop(), lab?.stop()]);
});

test("a call at the real switch is followed from ringing to its end", async () => {
  const api = await daemon.signIn(ADMIN);
  await lab.dial("customer", "420555000600");
  await lab.rings("1001");
  await api.until("/v1/calls?state=live", "a live call", (calls) => items(calls).length === 1);
  await lab.answer("1001");
  await lab.hangUp("customer");
  await api.until("/v1/calls?state=live", "no live call", (calls) => items(calls).length === 0);
  // The book of calls is written a moment after the end.
  const book = await api.until("/v1/calls?state=ended", "the call in the book", (calls) => items(calls).length > 0);
  expect(items(book)).toHaveLength(1);
});
