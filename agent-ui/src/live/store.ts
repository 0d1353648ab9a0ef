/** The mirrored picture: parts by id, in which whatever did not change stays the same object. */
import { type Lease, type PartName, type Parts, ID_OF, PART_NAMES, type ViewFrame } from "./frames";
import type { RunningCommand } from "./commands";

/** Ids that left a part are remembered up to this many, so that a late older item cannot bring them back. */
const GONE_KEPT = 500;

export interface Part<T> {
  readonly items: ReadonlyMap<string, T>;
  /** True once a whole picture has arrived; stays so over reconnects. */
  readonly ready: boolean;
}

export type PartStates = { readonly [P in PartName]: Part<Parts[P]> };

export type Phase =
  /** Nobody wants a connection. */
  | "off"
  | "connecting"
  | "open"
  /** Broken; waits for the next try. */
  | "waiting";

export interface Connection {
  readonly phase: Phase;
  /** This computer's time of the change of phase that matters: open since, or broken since. */
  readonly since: number;
  /** Tries since the last success. */
  readonly attempt: number;
  /** Last sign of the server. */
  readonly heardAt: number | null;
  /** Why it is off or broken: `signed_out`, `silent`, `slept`, `closed`, `draining`, `by_person`. */
  readonly cause: string | null;
}

export interface LiveState {
  readonly connection: Connection;
  readonly parts: PartStates;
  readonly lease: Lease;
  readonly rights: readonly string[];
  /** Topics the server refused. */
  readonly refused: ReadonlySet<string>;
  readonly commands: ReadonlyMap<string, RunningCommand>;
}

export function emptyState(now: number): LiveState {
  const part = { items: new Map(), ready: false };
  return {
    connection: { phase: "off", since: now, attempt: 0, heardAt: null, cause: null },
    parts: { calls: part, agents: part, queues: part, devices: part, links: part, offers: part, pops: part },
    lease: "lost",
    rights: [],
    refused: new Set(),
    commands: new Map(),
  };
}

/** The old value where nothing differs, deep down. */
export function share<T>(old: T, fresh: T): T {
  if (Object.is(old, fresh)) return old;
  if (Array.isArray(old) && Array.isArray(fresh)) {
    const items: unknown[] = fresh.map((item, at) => share<unknown>(old[at], item));
    const same = old.length === items.length && items.every((item, at) => Object.is(item, old[at]));
    return same ? old : (items as T);
  }
  if (isRecord(old) && isRecord(fresh)) {
    const merged: Record<string, unknown> = {};
    let same = Object.keys(old).length === Object.keys(fresh).length;
    for (const [key, value] of Object.entries(fresh)) {
      merged[key] = share(old[key], value);
      same = same && key in old && Object.is(merged[key], old[key]);
    }
    return same ? old : (merged as T);
  }
  return fresh;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function versionOf(item: unknown): number | null {
  return isRecord(item) && typeof item.version === "number" ? item.version : null;
}

/** One part with what is needed to keep it right: the place in the log each item is from. */
export class PartBook<T> {
  readonly #idOf: (item: T) => string;
  #part: Part<T> = { items: new Map<string, T>(), ready: false };
  #stamps = new Map<string, number>();
  #gone = new Map<string, number>();
  #gathered: Map<string, T> | null = null;

  constructor(idOf: (item: T) => string) {
    this.#idOf = idOf;
  }

  get part(): Part<T> {
    return this.#part;
  }

  /** The log began anew: what is shown stays until the next whole picture, its places mean nothing. */
  forgetPlaces(): void {
    this.#stamps.clear();
    this.#gone.clear();
    this.#gathered = null;
  }

  /** The part will not be told; there is nothing to wait for. */
  markReady(): void {
    if (!this.#part.ready) this.#part = { ...this.#part, ready: true };
  }

  apply(frame: { cursor: number; whole: boolean; items: T[]; last?: boolean; gone?: string[] }): void {
    if (!frame.whole) return this.#increment(frame.cursor, frame.items, frame.gone ?? []);
    const gathered = (this.#gathered ??= new Map<string, T>());
    for (const item of frame.items) gathered.set(this.#idOf(item), item);
    if (frame.last === false) return;
    this.#gathered = null;
    this.#whole(frame.cursor, gathered);
  }

  /** Puts one item of the present moment. */
  put(item: T): void {
    const id = this.#idOf(item);
    const old = this.#part.items.get(id);
    const kept = old === undefined ? item : share(old, item);
    this.#gone.delete(id);
    if (!Object.is(kept, old)) this.#replace(new Map(this.#part.items).set(id, kept));
  }

  remove(id: string): void {
    if (!this.#part.items.has(id)) return;
    const items = new Map(this.#part.items);
    items.delete(id);
    this.#stamps.delete(id);
    this.#replace(items);
  }

  #whole(cursor: number, fresh: Map<string, T>): void {
    const old = this.#part.items;
    const items = new Map<string, T>();
    let changed = old.size !== fresh.size || !this.#part.ready;
    this.#stamps = new Map();
    this.#gone = new Map();
    for (const [id, item] of fresh) {
      const before = old.get(id);
      const kept = before === undefined ? item : share(before, item);
      changed = changed || !Object.is(kept, before);
      items.set(id, kept);
      this.#stamps.set(id, cursor);
    }
    if (changed) this.#part = { items, ready: true };
  }

  #increment(cursor: number, fresh: T[], gone: string[]): void {
    const items = new Map(this.#part.items);
    let changed = false;
    for (const item of fresh) {
      const id = this.#idOf(item);
      this.#gathered?.set(id, item);
      if (!this.#isNews(id, cursor, item)) continue;
      const old = items.get(id);
      const kept = old === undefined ? item : share(old, item);
      this.#stamps.set(id, cursor);
      this.#gone.delete(id);
      changed = changed || !Object.is(kept, old);
      items.set(id, kept);
    }
    for (const id of gone) {
      this.#gathered?.delete(id);
      if ((this.#stamps.get(id) ?? -1) > cursor) continue;
      this.#stamps.delete(id);
      this.#rememberGone(id, cursor);
      changed = items.delete(id) || changed;
    }
    if (changed) this.#replace(items);
  }

  #isNews(id: string, cursor: number, item: T): boolean {
    if ((this.#stamps.get(id) ?? -1) > cursor || (this.#gone.get(id) ?? -1) > cursor) return false;
    const [known, version] = [versionOf(this.#part.items.get(id)), versionOf(item)];
    return known === null || version === null || version >= known || !this.#stamps.has(id);
  }

  #rememberGone(id: string, cursor: number): void {
    this.#gone.set(id, cursor);
    if (this.#gone.size <= GONE_KEPT) return;
    const [oldest] = this.#gone.keys();
    if (oldest !== undefined) this.#gone.delete(oldest);
  }

  #replace(items: ReadonlyMap<string, T>): void {
    this.#part = { items, ready: this.#part.ready };
  }
}

type Books = { readonly [P in PartName]: PartBook<Parts[P]> };

/** Holds the state and tells who listens when it is another one. */
export class Store {
  readonly books: Books = {
    calls: new PartBook(ID_OF.calls),
    agents: new PartBook(ID_OF.agents),
    queues: new PartBook(ID_OF.queues),
    devices: new PartBook(ID_OF.devices),
    links: new PartBook(ID_OF.links),
    offers: new PartBook(ID_OF.offers),
    pops: new PartBook(ID_OF.pops),
  };
  readonly #listeners = new Set<() => void>();
  #state: LiveState;

  constructor(now: number) {
    this.#state = emptyState(now);
  }

  get = (): LiveState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(change: Partial<LiveState>): void {
    const next = { ...this.#state, ...change };
    const same = (Object.keys(change) as (keyof LiveState)[]).every((key) => Object.is(next[key], this.#state[key]));
    if (same) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }

  /** Takes what was told of a part; it is shown by the next `publish`. */
  view(frame: ViewFrame): void {
    if (!PART_NAMES.includes(frame.part)) return;
    (this.books[frame.part] as PartBook<Parts[PartName]>).apply(frame);
  }

  /** Shows the books as they stand. */
  publish(): void {
    const old = this.#state.parts;
    const { books } = this;
    const parts: PartStates = {
      calls: books.calls.part,
      agents: books.agents.part,
      queues: books.queues.part,
      devices: books.devices.part,
      links: books.links.part,
      offers: books.offers.part,
      pops: books.pops.part,
    };
    if (PART_NAMES.some((name) => !Object.is(parts[name], old[name]))) this.set({ parts });
  }
}
