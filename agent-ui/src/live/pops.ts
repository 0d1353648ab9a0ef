/** Cards of incoming calls. What they look like is the server's; that a window opens once is ours as well. */
import type { ClientFrame, PopOpen, PopView } from "./frames";
import type { PartBook } from "./store";
import type { Timers } from "./clock";

/** A retracted card says why for this long. */
const RETRACTED_FOR_MS = 3_000;
/** Ids remembered as done. */
const REMEMBERED = 1_000;

export type PopSignal =
  | { kind: "pop_show"; pop: PopView }
  | { kind: "pop_retract"; pop: PopView }
  | { kind: "pop_open"; pop: PopView; open: PopOpen };

export interface PopHost extends Timers {
  send(frame: ClientFrame): boolean;
  tell(signal: PopSignal): void;
  changed(): void;
}

export class Pops {
  readonly #host: PopHost;
  readonly #book: PartBook<PopView>;
  readonly #opened = new Once();
  readonly #painted = new Once();
  /** Retracted cards that wait for their end; each stops waiting when it is called. */
  readonly #leaving = new Map<string, () => void>();
  /** Told to the server as soon as it is there again. */
  #unsent: ClientFrame[] = [];

  constructor(host: PopHost, book: PartBook<PopView>) {
    this.#host = host;
    this.#book = book;
  }

  heard(action: "show" | "update" | "retract", pop: PopView, open: PopOpen | undefined): void {
    const known = this.#book.part.items.get(pop.id);
    if (action !== "update" || known !== undefined) this.#put(pop);
    // A card that comes back rings again.
    if (action === "show" && known?.state !== "active") this.#host.tell({ kind: "pop_show", pop });
    if (action === "retract") this.#host.tell({ kind: "pop_retract", pop });
    if (open !== undefined && this.#opened.first(pop.id)) this.#host.tell({ kind: "pop_open", pop, open });
  }

  /** The card is on the screen. */
  shown(pop: string): void {
    if (this.#painted.first(pop)) this.#send({ op: "pop_shown", pop });
  }

  /** The window opened, or the browser refused. */
  opened(pop: string, ok: boolean): void {
    this.#send({ op: "pop_opened", pop, ok });
  }

  dismiss(pop: string): void {
    this.#send({ op: "pop_dismiss", pop });
    this.#book.remove(pop);
    this.#host.changed();
  }

  /** The connection is there again. */
  flush(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const frame of unsent) this.#send(frame);
  }

  #put(pop: PopView): void {
    // What is said now counts from now: the wait for an earlier end is over.
    this.#leaving.get(pop.id)?.();
    this.#leaving.delete(pop.id);
    // The end of a call that was mine is told by the call; a card would cover its wrap-up.
    const isGone = pop.state === "dismissed" || (pop.state === "retracted" && pop.reason === "ended");
    if (isGone) this.#book.remove(pop.id);
    else this.#book.put(pop);
    this.#host.changed();
    if (isGone || pop.state !== "retracted") return;
    const stop = this.#host.after(RETRACTED_FOR_MS, () => {
      this.#leaving.delete(pop.id);
      if (this.#book.part.items.get(pop.id)?.state !== "retracted") return;
      this.#book.remove(pop.id);
      this.#host.changed();
    });
    this.#leaving.set(pop.id, stop);
  }

  #send(frame: ClientFrame): void {
    if (!this.#host.send(frame)) this.#unsent = [...this.#unsent, frame].slice(-REMEMBERED);
  }
}

/** Remembers what was done already, up to a bound. */
class Once {
  readonly #done = new Set<string>();

  first(id: string): boolean {
    if (this.#done.has(id)) return false;
    this.#done.add(id);
    const [oldest] = this.#done;
    if (this.#done.size > REMEMBERED && oldest !== undefined) this.#done.delete(oldest);
    return true;
  }
}
