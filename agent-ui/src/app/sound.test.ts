import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** A sound device as a browser shows it. */
class Device {
  state = "suspended";
  currentTime = 0;
  destination = {};
  constructor(readonly resume: () => Promise<void>) {}
}

const played: number[] = [];

class Node {
  gain = { setValueAtTime: vi.fn(), linearRampToValueAtTime: vi.fn() };
  connect = (next: unknown) => next;
  start = (at: number) => void played.push(at);
  stop = vi.fn();
}

/** The module anew, on a computer with this device. */
async function soundOn(device: Device): Promise<typeof import("./sound")> {
  vi.resetModules();
  vi.stubGlobal("AudioContext", function AudioContext() {
    return device;
  });
  return import("./sound");
}

beforeEach(() => {
  played.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal("OscillatorNode", Node);
  vi.stubGlobal("GainNode", Node);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

// covers: AGT-02
test("a computer without a sound device stays quiet and throws nothing", async () => {
  const { playOnce } = await soundOn(new Device(() => Promise.reject(new Error("no device"))));
  expect(await playOnce()).toBe(false);
  expect(played).toEqual([]);
});

test("a browser that blocks the sound and never says so is not waited for", async () => {
  const { playOnce } = await soundOn(new Device(() => new Promise(() => undefined)));
  const done = playOnce();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await done).toBe(false);
});

test("a device that takes a while to open rings all the same", async () => {
  const device: Device = new Device(async () => {
    await new Promise((opened) => setTimeout(opened, 200));
    device.state = "running";
  });
  const { playOnce } = await soundOn(device);
  const done = playOnce();
  await vi.advanceTimersByTimeAsync(200);
  expect(await done).toBe(true);
  expect(played).toEqual([0, 0.22]);
});
