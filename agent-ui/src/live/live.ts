/** The live core of the desk: one stream, one mirrored state, commands and cards. No React, no DOM. */
import { Clock } from "./clock";
import { type CommandOutcome, Commands } from "./commands";
import { type LogEvent, PART_NAMES, type PartName, type ServerFrame, type ViewFrame } from "./frames";
import { Pops, type PopSignal } from "./pops";
import { type Surroundings, Wire, type WireSignal } from "./socket";
import { type Connection, type LiveState, Store } from "./store";

const TOPICS: readonly string[] = [
  "view:calls",
  "view:offers",
  "view:links",
  "view:agents",
  "view:queues",
  "view:devices",
  "pop:me",
  "command:mine",
];

/** Boards are told part by part; what comes within this time is shown at once. A card waits for none of them. */
export const BOARDS_TOGETHER_MS = 50;

export type Signal =
  | PopSignal
  | { kind: "event"; event: LogEvent }
  /** The connection is back; so many events were caught up. */
  | { kind: "back"; downMs: number; caughtUp: number }
  | { kind: "slept"; from: number; to: number }
  | { kind: "signed_out" };

export interface Live {
  readonly clock: Clock;
  getState(): LiveState;
  subscribe(listener: () => void): () => void;
  /** Everything that is not state: events, cards to announce, a connection that is back. */
  on(listener: (signal: Signal) => void): () => void;
  onEvent(listener: (event: LogEvent) => void): () => void;
  /** Events of one more topic, as long as somebody wants them. */
  follow(topic: string): () => void;
  connect(): void;
  disconnect(): void;
  /** Tries at once when a try is due anyway. */
  hurry(): void;
  command(key: string, name: string, args: object): Promise<CommandOutcome>;
  popShown(pop: string): void;
  popOpened(pop: string, ok: boolean): void;
  popDismiss(pop: string): void;
}

export function createLive(around: Surroundings, tab: string): Live {
  return new Core(around, tab);
}

class Core implements Live {
  readonly clock: Clock;
  readonly #around: Surroundings;
  readonly #store: Store;
  readonly #wire: Wire;
  readonly #commands: Commands;
  readonly #pops: Pops;
  readonly #listeners = new Set<(signal: Signal) => void>();
  /** What every desk is told, and what is followed besides. */
  readonly #topics = [...TOPICS];
  readonly #followed = new Map<string, number>();
  #brokenAt: number | null = null;
  #isBoardDue = false;

  constructor(around: Surroundings, tab: string) {
    this.#around = around;
    this.clock = new Clock(around);
    this.#store = new Store(around.now());
    this.#wire = new Wire(around, { tab, topics: this.#topics }, (signal) => this.#wired(signal));
    const timers = { now: () => around.now(), after: (ms: number, run: () => void) => around.after(ms, run) };
    this.#commands = new Commands({
      ...timers,
      send: (ref, name, args, key) =>
        this.#wire.send({ op: "command", ref, name, args, idempotency_key: `${tab}-${key}` }),
      serverNow: () => this.clock.now(),
      show: (commands) => this.#store.set({ commands }),
    });
    this.#pops = new Pops(
      {
        ...timers,
        send: (frame) => this.#wire.send(frame),
        tell: (signal) => this.#tell(signal),
        changed: () => this.#store.publish(),
      },
      this.#store.books.pops,
    );
  }

  getState = (): LiveState => this.#store.get();
  subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);
  connect = (): void => this.#wire.connect();
  disconnect = (): void => this.#wire.disconnect();
  hurry = (): void => this.#wire.hurry();
  command = (key: string, name: string, args: object): Promise<CommandOutcome> => this.#commands.run(key, name, args);
  popShown = (pop: string): void => this.#pops.shown(pop);
  popOpened = (pop: string, ok: boolean): void => this.#pops.opened(pop, ok);
  popDismiss = (pop: string): void => this.#pops.dismiss(pop);

  on = (listener: (signal: Signal) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  onEvent = (listener: (event: LogEvent) => void): (() => void) =>
    this.on((signal) => signal.kind === "event" && listener(signal.event));

  follow = (topic: string): (() => void) => {
    const count = this.#followed.get(topic) ?? 0;
    this.#followed.set(topic, count + 1);
    if (count === 0) {
      // Without a connection the next greeting names it.
      this.#topics.push(topic);
      this.#wire.send({ op: "subscribe", topics: [topic] });
    }
    let isOver = false;
    return () => {
      if (!isOver) this.#unfollow(topic);
      isOver = true;
    };
  };

  #unfollow(topic: string): void {
    const left = (this.#followed.get(topic) ?? 1) - 1;
    this.#followed.set(topic, left);
    if (left > 0) return;
    this.#topics.splice(this.#topics.indexOf(topic), 1);
    this.#wire.send({ op: "unsubscribe", topics: [topic] });
  }

  #tell(signal: Signal): void {
    for (const listener of this.#listeners) listener(signal);
  }

  #wired(signal: WireSignal): void {
    switch (signal.kind) {
      case "frame":
        return this.#heard(signal.frame);
      case "connecting":
        if (this.#phase() === "off") this.#connection({ phase: "connecting", attempt: 0, cause: null });
        return;
      case "broken":
        return this.#broke(signal.cause, signal.attempt);
      case "off":
        this.#brokenAt = null;
        this.#commands.broken();
        this.#connection({ phase: "off", cause: signal.cause, attempt: 0 });
        this.#store.set({ lease: "lost" });
        if (signal.cause === "signed_out") this.#tell({ kind: "signed_out" });
        return;
      case "slept":
        return this.#tell({ kind: "slept", from: signal.from, to: signal.to });
    }
  }

  #phase(): Connection["phase"] {
    return this.#store.get().connection.phase;
  }

  #broke(cause: string, attempt: number): void {
    this.#brokenAt ??= this.#around.now();
    this.#commands.broken();
    this.#store.set({ lease: "lost" });
    this.#connection({ phase: "waiting", cause, attempt });
  }

  #connection(change: Pick<Connection, "phase" | "attempt" | "cause">): void {
    const old = this.#store.get().connection;
    const since = old.phase === change.phase ? old.since : this.#around.now();
    this.#store.set({ connection: { ...old, ...change, since, heardAt: this.#wire.heardAt } });
  }

  #heard(frame: ServerFrame): void {
    switch (frame.op) {
      case "welcome":
        this.clock.observe(frame.server_time);
        this.#store.set({ rights: frame.rights, refused: new Set() });
        this.#connection({ phase: "open", attempt: 0, cause: null });
        this.#pops.flush();
        return;
      case "resumed":
        return this.#isBack(Math.max(frame.to - frame.from, 0));
      case "reset":
        for (const part of PART_NAMES) this.#store.books[part].forgetPlaces();
        this.#commands.askAgain();
        return this.#isBack(0);
      case "view":
        return this.#board(frame);
      case "event":
        this.#commands.heard(frame.event);
        return this.#tell({ kind: "event", event: frame.event });
      case "ack":
        return this.#commands.acknowledged(frame.ref, frame.command);
      case "problem":
        if (frame.ref !== undefined) this.#commands.refused(frame.ref, frame.problem);
        if (frame.topic !== undefined) this.#refusedTopic(frame.topic);
        return;
      case "ping":
      case "pong":
        this.clock.observe(frame.server_time);
        return this.#connection({ phase: "open", attempt: 0, cause: null });
      case "lease":
        return this.#store.set({ lease: frame.lease });
      case "pop":
        return this.#pops.heard(frame.action, frame.pop, frame.open);
    }
  }

  #board(frame: ViewFrame): void {
    this.#store.view(frame);
    if (this.#isBoardDue) return;
    this.#isBoardDue = true;
    this.#around.after(BOARDS_TOGETHER_MS, () => {
      this.#isBoardDue = false;
      this.#store.publish();
    });
  }

  #isBack(caughtUp: number): void {
    if (this.#brokenAt === null) return;
    const downMs = this.#around.now() - this.#brokenAt;
    this.#brokenAt = null;
    this.#tell({ kind: "back", downMs, caughtUp });
  }

  /** A part that will not be told counts as told: empty. */
  #refusedTopic(topic: string): void {
    const part = topic === "pop:me" ? "pops" : topic.replace(/^view:/, "");
    if (isPart(part)) this.#store.books[part].markReady();
    this.#store.set({ refused: new Set([...this.#store.get().refused, topic]) });
    this.#store.publish();
  }
}

function isPart(name: string): name is PartName {
  return (PART_NAMES as readonly string[]).includes(name);
}
