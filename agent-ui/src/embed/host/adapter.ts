// What every adapter is: it knows its host, and nothing of the frame but this.
import type { DeskMessages, EmbedCall, HostRecord } from "../protocol";

/** What an adapter may ask of the desk. */
export interface Phone {
  /** Calls from the phone of whoever is signed in to the frame. */
  dial(number: string, record?: HostRecord): void;
  /** Puts the cursor into the dial field. */
  focus(): void;
  /** What the host shows now; it goes into the log of the call that is up. */
  recordShown(record: HostRecord | null): void;
  logSaved(call: string, record: HostRecord): void;
  logFailed(call: string, detail: string): void;
  signOut(): void;
}

/** Settings of an adapter, from `data-*` of the element or the argument of `connect`. */
export type Options = Readonly<Record<string, string | undefined>>;

export interface Adapter {
  /** Begins, with the phone and the element that holds the frame. */
  start(phone: Phone, into: HTMLElement, options: Options): void;
  /** The desk says something. */
  on<T extends keyof DeskMessages>(type: T, data: DeskMessages[T]): void;
}

export type CallLog = DeskMessages["call.log"];

/** The id of a contact in the host, when Tieline knows one by one of these names of the system. */
export function idIn(call: EmbedCall, ...systems: string[]): string | null {
  return call.contact?.external_ids.find(({ system }) => systems.includes(system.toLowerCase()))?.id ?? null;
}

/** Tells apart what the desk says. */
export const is = <T extends keyof DeskMessages>(wanted: T, type: string, data: unknown): data is DeskMessages[T] => type === wanted && data !== null;

export const seconds = (ms: number): number => Math.round(ms / 1_000);

/** One line that says which call it was. */
export function subjectOf({ call }: CallLog): string {
  const way = call.direction === "outbound" ? "Call to" : "Call from";
  return `${way} ${call.name || call.number || "unknown"}`.slice(0, 200);
}

/** Calls whose record in the host is remembered. */
const LOGS_KEPT = 50;

/** Logs of a call, one after the other: the first makes a record, later ones change it. */
export class Logs {
  readonly #ids = new Map<string, Promise<string | null>>();
  readonly #phone: Phone;
  readonly #type: string;

  constructor(phone: Phone, type: string) {
    this.#phone = phone;
    this.#type = type;
  }

  /** Makes or changes the record; the host's answer goes back to the desk. Ends when that is done, well or not. */
  async save(log: CallLog, make: () => Promise<string>, change: (id: string) => Promise<void>): Promise<void> {
    const call = log.call.id;
    const before = this.#ids.get(call) ?? Promise.resolve(null);
    const next = before.then(async (id) => {
      if (id === null) return make();
      await change(id);
      return id;
    }).then((id) => {
      this.#phone.logSaved(call, { type: this.#type, id: id.slice(0, 120) });
      return id;
    }, (error: unknown) => {
      this.#phone.logFailed(call, wordsOf(error).slice(0, 200));
      return before;
    });
    this.#ids.set(call, next);
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > LOGS_KEPT && oldest !== undefined) this.#ids.delete(oldest);
    await next;
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === "string") return error;
  return JSON.stringify(error) ?? "unknown";
}
