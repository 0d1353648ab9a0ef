// The frame's side of the talk with the page around it: to whom it speaks, what it takes, how much of it. Pure but for
// what is handed in.
import { type DeskMessages, type Envelope, type HostMessage, type HostMessages, PROTOCOL } from "./protocol";
import { faultOf, MESSAGES } from "./schema";

/** So many messages at once … */
export const BURST = 20;
/** … and then so many a second. */
export const PER_SECOND = 10;
/** What is said before anybody listens is kept up to this. */
const UNSAID = 100;
/** An error is answered at most so often; all are counted. */
const ERROR_EVERY_MS = 100;

export interface GuestAround {
  /** Origins whose pages may frame the desk. */
  readonly allowed: readonly string[];
  now(): number;
  /** Hands a message to the page around, for this origin only. */
  post(message: Envelope, origin: string): void;
  /** Does what the page asks for. */
  act(message: HostMessage): void;
}

export interface Heard {
  origin: string;
  /** The window around the frame said it, not just any. */
  isParent: boolean;
  data: unknown;
}

export class Guest {
  readonly #around: GuestAround;
  #origin: string | null = null;
  #unsaid: Envelope[] = [];
  #count = 0;
  #refused = 0;
  #left = BURST;
  #filledAt: number;
  #erredAt = Number.NEGATIVE_INFINITY;
  isSignedIn = false;

  constructor(around: GuestAround) {
    this.#around = around;
    this.#filledAt = around.now();
  }

  /** Messages of the page around, and of strangers, that were not taken. */
  get refused(): number {
    return this.#refused;
  }

  /** The page it talks with; null before the first `init`. */
  get origin(): string | null {
    return this.#origin;
  }

  heard({ origin, isParent, data }: Heard): void {
    if (!isTieline(data)) return;
    // Strangers are counted and get no answer: not even that somebody is here.
    if (!isParent || !this.#around.allowed.includes(origin) || (this.#origin !== null && origin !== this.#origin)) {
      this.#refused += 1;
      return;
    }
    if (!this.#mayTalk()) return this.#refuse("rate_limited", `at most ${BURST} messages at once and ${PER_SECOND} a second`, idOf(data));
    const fault = faultOf("envelope", data);
    if (fault !== null) return this.#refuse(data.tieline === PROTOCOL ? "malformed" : "version_unknown", fault, idOf(data), origin);
    const message = data as Envelope;
    if (!MESSAGES.includes(`host.${message.type}`)) return this.#refuse("unknown_message", `there is no message ${message.type}`, message.id, origin);
    const wrong = faultOf(`host.${message.type}`, message.data);
    if (wrong !== null) return this.#refuse("malformed", wrong, message.id, origin);
    if (message.type === "init") return this.#begin(origin, message.id, message.data as HostMessages["init"]);
    if (this.#origin === null) return this.#refuse("init_first", "the first message is init", message.id, origin);
    this.#around.act({ type: message.type, id: message.id, data: message.data } as HostMessage);
  }

  tell<T extends keyof DeskMessages>(type: T, data: DeskMessages[T], re?: string): void {
    this.#count += 1;
    const message: Envelope = { tieline: PROTOCOL, type, id: `d${this.#count}`, ...(re === undefined ? {} : { re }), data };
    if (this.#origin === null) this.#unsaid = [...this.#unsaid, message].slice(-UNSAID);
    else this.#around.post(message, this.#origin);
  }

  #begin(origin: string, re: string, data: HostMessages["init"]): void {
    this.#origin = origin;
    this.tell("ready", { protocol: PROTOCOL, signed_in: this.isSignedIn }, re);
    const unsaid = this.#unsaid;
    this.#unsaid = [];
    for (const message of unsaid) this.#around.post(message, origin);
    this.#around.act({ type: "init", id: re, data });
  }

  #refuse(code: string, detail: string, re: string | undefined, origin = this.#origin): void {
    this.#refused += 1;
    const now = this.#around.now();
    if (origin === null || now - this.#erredAt < ERROR_EVERY_MS) return;
    this.#erredAt = now;
    this.#count += 1;
    const data: DeskMessages["error"] = { code, detail: detail.slice(0, 500), refused: this.#refused };
    this.#around.post({ tieline: PROTOCOL, type: "error", id: `d${this.#count}`, ...(re === undefined ? {} : { re }), data }, origin);
  }

  #mayTalk(): boolean {
    const now = this.#around.now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#filledAt) / 1_000) * PER_SECOND);
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

function isTieline(data: unknown): data is { tieline: unknown } {
  return typeof data === "object" && data !== null && "tieline" in data;
}

/** The id of a message that may be anything; only one that an answer could quote. */
function idOf(data: object): string | undefined {
  return "id" in data && typeof data.id === "string" && data.id.length > 0 && data.id.length <= 64 ? data.id : undefined;
}
