/** Server time, and one tick a second for everything that counts. */

/** A jump of the estimate beyond this is a corrected clock, not a slow frame. */
const STEP_MS = 2_000;

export interface Timers {
  /** Wall clock of this computer in ms. */
  now(): number;
  /** Runs once after `ms`; the result cancels. */
  after(ms: number, run: () => void): () => void;
}

export class Clock {
  readonly #timers: Timers;
  readonly #listeners = new Set<() => void>();
  #offset: number | null = null;
  #shown = 0;
  #cancel: (() => void) | null = null;

  constructor(timers: Timers) {
    this.#timers = timers;
    this.#shown = timers.now();
  }

  /** Takes a server time that has just arrived. The least delayed one is the best. */
  observe(serverTime: string): void {
    const server = Date.parse(serverTime);
    if (Number.isNaN(server)) return;
    const estimate = server - this.#timers.now();
    const known = this.#offset;
    this.#offset = known === null || Math.abs(estimate - known) > STEP_MS ? estimate : Math.max(known, estimate);
  }

  /** Server time in ms, as well as known. */
  now(): number {
    return this.#timers.now() + (this.#offset ?? 0);
  }

  /** Server time of the last tick, in ms; stable between ticks. */
  shown(): number {
    return this.#shown;
  }

  /** Called at every tick; the clock runs while somebody listens. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#cancel === null) {
      this.#shown = this.now();
      this.#wait();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#cancel?.();
      this.#cancel = null;
    };
  }

  #wait(): void {
    // To the next whole second, so that all timers change together.
    const rest = 1_000 - (((this.now() % 1_000) + 1_000) % 1_000);
    this.#cancel = this.#timers.after(rest, () => {
      this.#shown = this.now();
      this.#wait();
      for (const listener of this.#listeners) listener();
    });
  }
}
