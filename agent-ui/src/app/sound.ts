// The ring of this computer. A browser lets it sound only after the person has touched the page once.
import { m } from "../i18n/generated/messages.js";
import { toast } from "./toast";

/** One ring: two notes, then quiet. */
const NOTES = [660, 550] as const;
const NOTE_S = 0.22;
const EVERY_MS = 3_000;
const VOLUME = 0.18;
/** How long a sound device may take to open. */
const WAKE_MS = 500;

let context: AudioContext | null = null;
let ringing: number | null = null;
/** Said once; it would not become truer with every ring. */
let wasSaid = false;

function audio(): AudioContext {
  context ??= new AudioContext();
  return context;
}

/** Whether it may sound. A browser that blocks it never says so, and a computer without a sound device refuses. */
async function wake(context: AudioContext): Promise<boolean> {
  const patience = new Promise((done) => setTimeout(done, WAKE_MS));
  await Promise.race([context.resume().catch(() => undefined), patience]);
  return context.state === "running";
}

function unlock(): void {
  void wake(audio());
}

/** The first touch of the page unlocks the sound. */
export function unlockByGesture(): void {
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, unlock, { once: true, capture: true });
}

export async function playOnce(): Promise<boolean> {
  const now = audio();
  if (!(await wake(now))) return false;
  NOTES.forEach((hertz, at) => note(now, hertz, now.currentTime + at * NOTE_S));
  return true;
}

function note(now: AudioContext, hertz: number, start: number): void {
  const tone = new OscillatorNode(now, { frequency: hertz, type: "triangle" });
  const gain = new GainNode(now, { gain: 0 });
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(VOLUME, start + 0.02);
  gain.gain.linearRampToValueAtTime(0, start + NOTE_S);
  tone.connect(gain).connect(now.destination);
  tone.start(start);
  tone.stop(start + NOTE_S);
}

async function ring(): Promise<void> {
  if (!(await playOnce()) && !wasSaid) {
    wasSaid = true;
    toast({ kind: "warn", key: "sound", title: m.sound_blocked_title(), text: m.sound_blocked_text() });
  }
}

export const ringer = {
  start: (): void => {
    if (ringing !== null) return;
    ringing = window.setInterval(() => void ring(), EVERY_MS);
    void ring();
  },
  stop: (): void => {
    if (ringing !== null) window.clearInterval(ringing);
    ringing = null;
  },
};
