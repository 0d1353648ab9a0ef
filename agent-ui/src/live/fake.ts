/** A scripted socket and stepped time for the tests of the live core. */
import type { SocketEvents, SocketPort, Surroundings } from "./socket";

export class FakeSocket implements SocketPort {
  readonly sent: Record<string, unknown>[] = [];
  readonly events: SocketEvents;
  isClosed = false;

  constructor(events: SocketEvents) {
    this.events = events;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The server says something. */
  says(frame: object): void {
    this.events.heard(JSON.stringify(frame));
  }

  frames(op: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame.op === op);
  }
}

export class World implements Surroundings {
  readonly sockets: FakeSocket[] = [];
  #now = Date.parse("2026-11-12T10:00:00Z");
  #timers: { at: number; run: () => void }[] = [];

  now = (): number => this.#now;
  random = (): number => 0.5;

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  open = (events: SocketEvents): SocketPort => {
    const socket = new FakeSocket(events);
    this.sockets.push(socket);
    return socket;
  };

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nothing was opened");
    return socket;
  }

  /** Time passes, timer by timer. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  /** The computer sleeps: the clock goes on, no timer runs meanwhile. */
  sleep(ms: number): void {
    this.#now += ms;
    this.pass(0);
  }

  serverTime = (): string => new Date(this.#now).toISOString();
}
