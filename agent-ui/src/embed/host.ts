// The frame and the page around it, in the browser: whom it talks to, what that page asks for, what it is told.
import { beFramed } from "../api/client";
import { live } from "../app/session";
import { bar } from "../desk/bar/open";
import { cleanPaste, looksDialable } from "../domain/numbers";
import { Guest } from "./guest";
import type { DeskMessages, HostMessage, HostRecord } from "./protocol";

/** Logs whose fate is remembered. */
const SAVED_KEPT = 50;

export type LogFate = { kind: "saved"; record: HostRecord } | { kind: "failed"; detail: string };

// Before anything is asked: a cookie that the browser would send after all must not speak for the frame.
if (window.parent !== window) beFramed(null);

/** Who may frame the desk, as the server wrote it into the page. */
const allowed = (document.querySelector<HTMLMetaElement>("meta[name=tieline-hosts]")?.content ?? "").split(" ").filter((one) => one !== "");

const talk = new Guest({
  allowed,
  now: () => performance.now(),
  post: (message, origin) => window.parent.postMessage(message, origin),
  act,
});

window.addEventListener("message", ({ origin, source, data }) => talk.heard({ origin, isParent: source === window.parent && window.parent !== window, data }));

const signOuts = new Set<() => void>();
const listeners = new Set<() => void>();
let shown: HostRecord | null = null;
/** The record that was dialled from: of the next call that is logged, and of no later one. */
let dialled: HostRecord | null = null;
let fates: ReadonlyMap<string, LogFate> = new Map();

export const guest = {
  tell: <T extends keyof DeskMessages>(type: T, data: DeskMessages[T]): void => talk.tell(type, data),
  /** The page asks to end the session. */
  onSignOut: (listener: () => void): (() => void) => {
    signOuts.add(listener);
    return () => signOuts.delete(listener);
  },
  /** The record that a log belongs to: the one that was dialled from, else what the page around shows now. */
  recordOfLog: (): HostRecord | null => {
    const record = dialled ?? shown;
    dialled = null;
    return record;
  },
  /** What became of the log of each call there. */
  fates: (): ReadonlyMap<string, LogFate> => fates,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

type Stand = Omit<DeskMessages["state"], "refused">;

/** How much room the desk would like: with a call it has a note and colleagues to show. */
const IDLE_SIZE = { width: 360, height: 320 };
const CALL_SIZE = { width: 360, height: 640 };
let size = IDLE_SIZE;

/** Tells how much room it would like, when that is another. */
export function wish(hasCall: boolean): void {
  const next = hasCall ? CALL_SIZE : IDLE_SIZE;
  if (next === size) return;
  size = next;
  talk.tell("resize", size);
}

const NOBODY: Stand = { signed_in: false, connected: false, name: null, extension: null, agent: null, reason: null };
let now = NOBODY;
let told = "";

/** Who works here and how; told when it is another. */
export const stand = {
  is: (next: Stand): void => {
    now = next;
    const text = JSON.stringify(now);
    if (text === told) return;
    told = text;
    talk.tell("state", { ...now, refused: talk.refused });
  },
  signedIn: (isIn: boolean): void => {
    talk.isSignedIn = isIn;
    if (isIn) return;
    [shown, dialled] = [null, null];
    stand.is(NOBODY);
  },
};

function act(message: HostMessage): void {
  switch (message.type) {
    case "dial":
      dialled = message.data.record ?? null;
      void dial(message.id, message.data.number);
      break;
    case "focus":
      window.focus();
      bar.dial();
      break;
    case "record.shown":
      shown = message.data.record;
      break;
    case "log.saved":
      keepFate(message.data.call, { kind: "saved", record: message.data.record });
      break;
    case "log.failed":
      keepFate(message.data.call, { kind: "failed", detail: message.data.detail });
      break;
    case "sign_out":
      for (const listener of signOuts) listener();
      break;
    case "init":
      // Whoever greets again has forgotten it.
      talk.tell("state", { ...now, refused: talk.refused });
      talk.tell("resize", size);
      break;
  }
  for (const listener of listeners) listener();
}

/** Rings the own phone, then the number: for whoever is signed in to this frame, and for nobody else. */
async function dial(re: string, number: string): Promise<void> {
  const done = (code: string | null, detail: string | null = null) => talk.tell("dial.done", { ok: code === null, code, detail: detail?.slice(0, 500) ?? null }, re);
  const to = cleanPaste(number);
  if (!talk.isSignedIn) return done("not_signed_in");
  if (!looksDialable(to)) return done("number_invalid");
  const outcome = await live.command("make_call", "make_call", { to });
  if (outcome.ok) done(null);
  else done(outcome.failure.code, outcome.failure.detail);
}

function keepFate(call: string, fate: LogFate): void {
  const next = new Map(fates).set(call, fate);
  const [oldest] = next.keys();
  if (next.size > SAVED_KEPT && oldest !== undefined) next.delete(oldest);
  fates = next;
}
