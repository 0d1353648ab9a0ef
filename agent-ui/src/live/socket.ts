/** The way to the server: says hello, hears, notices silence and sleep, comes back with the cursor. */
import { type ClientFrame, readFrame, type ServerFrame } from "./frames";
import type { Timers } from "./clock";

/** Nothing heard for this long is dead. The server speaks every 20 s. */
const DEAD_AFTER_MS = 45_000;
/** A tick that comes this much late means that the computer slept. */
const SLEPT_AFTER_MS = 5_000;
const TICK_MS = 1_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** A connection that does not open within this time is given up. */
const OPEN_WITHIN_MS = 10_000;
/** The server ended the session. */
const CLOSE_SIGNED_OUT = 4401;

/** A WebSocket as far as it is needed; injected, so that tests need no network. */
export interface SocketPort {
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  opened(): void;
  heard(text: string): void;
  closed(code: number): void;
}

export interface Surroundings extends Timers {
  open(events: SocketEvents): SocketPort;
  /** In [0, 1). */
  random(): number;
  /** Says who it is where no cookie does. */
  token?(): string | null;
}

export type WireSignal =
  | { kind: "connecting"; attempt: number }
  | { kind: "broken"; cause: string; attempt: number }
  | { kind: "off"; cause: string }
  | { kind: "slept"; from: number; to: number }
  | { kind: "frame"; frame: ServerFrame };

export interface Greeting {
  tab: string;
  topics: string[];
}

export class Wire {
  readonly #around: Surroundings;
  readonly #greeting: Greeting;
  readonly #tell: (signal: WireSignal) => void;
  #socket: SocketPort | null = null;
  /** Counts sockets; what an earlier one says is not heard. */
  #generation = 0;
  #wanted = false;
  #isOpen = false;
  #attempt = 0;
  #cursor: number | null = null;
  #heardAt = 0;
  #tickedAt = 0;
  #draining = false;
  #cancelTick: (() => void) | null = null;
  #cancelRetry: (() => void) | null = null;

  constructor(around: Surroundings, greeting: Greeting, tell: (signal: WireSignal) => void) {
    this.#around = around;
    this.#greeting = greeting;
    this.#tell = tell;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  connect(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    this.#tickedAt = this.#around.now();
    this.#tick();
    this.#open();
  }

  disconnect(cause = "by_person"): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#drop();
    this.#cancelTick?.();
    this.#cancelRetry?.();
    this.#tell({ kind: "off", cause });
  }

  /** False when nothing can be sent now. */
  send(frame: ClientFrame): boolean {
    if (!this.#isOpen || this.#socket === null) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Tries at once, for example when the network is back. */
  hurry(): void {
    if (this.#wanted && this.#socket === null) this.#open();
  }

  #open(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#drop();
    this.#generation += 1;
    const generation = this.#generation;
    const current = () => generation === this.#generation;
    this.#heardAt = this.#around.now();
    this.#tell({ kind: "connecting", attempt: this.#attempt });
    this.#socket = this.#around.open({
      opened: () => current() && this.#hello(),
      heard: (text) => current() && this.#heard(text),
      closed: (code) => current() && this.#closed(code),
    });
  }

  #hello(): void {
    const resume = this.#cursor === null ? {} : { resume: { cursor: this.#cursor } };
    const { tab, topics } = this.#greeting;
    this.#isOpen = true;
    const token = this.#around.token?.() ?? null;
    this.send({ op: "hello", ...(token === null ? {} : { token }), client: { kind: "desktop", tab }, ...resume, topics });
  }

  #heard(text: string): void {
    this.#heardAt = this.#around.now();
    const frame = readFrame(text);
    if (frame === null) return;
    if (frame.op === "ping") this.send({ op: "pong" });
    if (frame.op === "welcome") this.#attempt = 0;
    if (frame.op === "reset" || frame.op === "event") this.#cursor = frame.cursor;
    if (frame.op === "draining") this.#draining = true;
    this.#tell({ kind: "frame", frame });
  }

  #closed(code: number): void {
    this.#drop();
    if (code === CLOSE_SIGNED_OUT) return this.disconnect("signed_out");
    this.#broken(this.#draining ? "draining" : "closed");
  }

  #broken(cause: string): void {
    this.#draining = false;
    this.#drop();
    if (!this.#wanted) return;
    this.#attempt += 1;
    this.#tell({ kind: "broken", cause, attempt: this.#attempt });
    const longest = Math.min(FIRST_WAIT_MS * 2 ** (this.#attempt - 1), LONGEST_WAIT_MS);
    // Spread over the second half, so that many desks do not come at once.
    const wait = longest / 2 + (longest / 2) * this.#around.random();
    this.#cancelRetry = this.#around.after(wait, () => this.#open());
  }

  #drop(): void {
    this.#generation += 1;
    this.#isOpen = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #tick(): void {
    this.#cancelTick = this.#around.after(TICK_MS, () => {
      const [last, now] = [this.#tickedAt, this.#around.now()];
      this.#tickedAt = now;
      this.#tick();
      this.#look(last, now);
    });
  }

  #look(last: number, now: number): void {
    const jumped = Math.abs(now - last) > SLEPT_AFTER_MS + TICK_MS;
    // A hidden page also ticks seldom, but it hears; only silence since the last tick means sleep.
    if (jumped && this.#heardAt <= last) {
      this.#tell({ kind: "slept", from: last, to: now });
      if (this.#socket !== null) this.#tell({ kind: "broken", cause: "slept", attempt: 1 });
      this.#attempt = 0;
      this.#open();
      return;
    }
    if (this.#socket === null) return;
    const silent = now - this.#heardAt;
    if (silent > DEAD_AFTER_MS) this.#broken("silent");
    else if (!this.#isOpen && silent > OPEN_WITHIN_MS) this.#broken("closed");
  }
}
