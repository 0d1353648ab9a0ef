// Notes of calls while they are written: in this browser at once, on the server a moment after the last key. Pure but for
// what is handed in.

export type NoteStatus = "empty" | "saved" | "typing" | "saving" | "kept";

export interface NoteState {
  status: NoteStatus;
  /** When the server took it, in ms. */
  savedAt: number | null;
}

export interface NoteHost {
  read(call: string): string;
  write(call: string, text: string): void;
  /** Sends the whole text; rejects when it did not arrive. */
  post(call: string, text: string): Promise<void>;
  now(): number;
  after(ms: number, run: () => void): () => void;
}

/** Saved when nothing was typed for this long. */
const QUIET_MS = 2_500;
/** Tried again after a failure. */
const AGAIN_MS = 8_000;
/** Calls whose state is remembered. */
const CALLS_KEPT = 50;

interface Entry extends NoteState {
  saved: string;
  cancel: (() => void) | null;
}

const UNTOUCHED: NoteState = { status: "empty", savedAt: null };

export class Notebook {
  readonly #host: NoteHost;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();

  constructor(host: NoteHost) {
    this.#host = host;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  state(call: string): NoteState {
    return this.#entries.get(call) ?? UNTOUCHED;
  }

  /** What the server has; a text begun before a reload is sent. */
  open(call: string, saved: string, savedAt: number | null): void {
    const known = this.#entries.get(call);
    if (known !== undefined) return;
    const text = this.#host.read(call);
    this.#put(call, { saved, savedAt, status: saved === "" ? "empty" : "saved", cancel: null });
    if (text !== "" && text === saved) this.#host.write(call, "");
    if (text !== "" && text !== saved) this.#later(call, 0);
  }

  type(call: string, text: string): void {
    this.#host.write(call, text);
    const entry = this.#entry(call);
    this.#put(call, { ...entry, status: text === entry.saved ? (text === "" ? "empty" : "saved") : "typing" });
    this.#later(call, QUIET_MS);
  }

  /** Saves now what is not saved yet. */
  flush(call: string): void {
    const entry = this.#entries.get(call);
    if (entry !== undefined && (entry.status === "typing" || entry.status === "kept")) void this.#save(call);
  }

  #later(call: string, ms: number): void {
    const entry = this.#entry(call);
    entry.cancel?.();
    entry.cancel = this.#host.after(ms, () => void this.#save(call));
  }

  async #save(call: string): Promise<void> {
    const entry = this.#entry(call);
    entry.cancel?.();
    entry.cancel = null;
    const text = this.#host.read(call).trimEnd();
    if (text === "" || text === entry.saved || entry.status === "saving") return;
    this.#put(call, { ...entry, status: "saving" });
    try {
      await this.#host.post(call, text);
      const isWhole = this.#host.read(call).trimEnd() === text;
      this.#put(call, { ...this.#entry(call), saved: text, savedAt: this.#host.now(), status: isWhole ? "saved" : "typing" });
      if (!isWhole) this.#later(call, QUIET_MS);
    } catch {
      this.#put(call, { ...this.#entry(call), status: "kept" });
      this.#later(call, AGAIN_MS);
    }
  }

  #entry(call: string): Entry {
    return this.#entries.get(call) ?? { saved: "", cancel: null, ...UNTOUCHED };
  }

  #put(call: string, entry: Entry): void {
    this.#entries.delete(call);
    this.#entries.set(call, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > CALLS_KEPT && oldest !== undefined) {
      // What the server has need not stay in this browser.
      if (this.#entries.get(oldest)?.status === "saved") this.#host.write(oldest, "");
      this.#entries.delete(oldest);
    }
    for (const listener of this.#listeners) listener();
  }
}
