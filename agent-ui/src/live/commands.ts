/** Commands on their way: asked, acknowledged, carried out or refused; never silent for long. */
import type { CommandStepView, CommandView, LogEvent, ProblemBody } from "./frames";
import type { Timers } from "./clock";

/** Without any answer of the server the button comes back after this. */
const ACK_WITHIN_MS = 3_000;
/** After the server's own deadline its verdict has this long to arrive. */
const GRACE_MS = 1_500;
/** Click-to-dial rings people; its steps decide, this is only the last resort. */
const DIAL_WITHIN_MS = 90_000;
/** Ended commands kept for their failure. */
const KEPT = 50;
/** Key of click-to-dial: my phone dials one number at a time, whoever asks for it. */
const DIAL_KEY = "make_call";

export interface CommandFailure {
  /** Code of the problem or of the command; `no_answer`, `offline`, `outcome_unknown` are ours. */
  code: string;
  detail: string;
}

export interface RunningCommand {
  readonly key: string;
  readonly name: string;
  /** Id at the server, once acknowledged. */
  readonly id: string | null;
  readonly sentAt: number;
  readonly isPending: boolean;
  readonly steps: readonly CommandStepView[];
  readonly failure: CommandFailure | null;
}

export type CommandOutcome = { ok: true; command: CommandView | null } | { ok: false; failure: CommandFailure };

interface Waiting {
  ref: string;
  key: string;
  id: string | null;
  view: CommandView | null;
  settle: (outcome: CommandOutcome) => void;
  cancel: () => void;
  /** Says it (again) to the server, by the same key: it is one command, and the answer tells where it stands. */
  ask: () => boolean;
}

export interface CommandHost extends Timers {
  /** One key is one command. */
  send(ref: string, name: string, args: object, key: string): boolean;
  /** Server time in ms. */
  serverNow(): number;
  show(commands: ReadonlyMap<string, RunningCommand>): void;
}

export class Commands {
  readonly #host: CommandHost;
  readonly #waiting = new Map<string, Waiting>();
  #shown: ReadonlyMap<string, RunningCommand> = new Map();
  #count = 0;

  constructor(host: CommandHost) {
    this.#host = host;
  }

  /** Gives a command. A key that is still pending is not asked twice. */
  run(key: string, name: string, args: object): Promise<CommandOutcome> {
    const pending = this.#shown.get(key);
    if (pending?.isPending) return Promise.resolve({ ok: false, failure: { code: "pending", detail: "" } });
    this.#count += 1;
    const ref = `c${this.#count}`;
    const once = `${ref}-${this.#host.now()}`;
    this.#show({ key, name, id: null, sentAt: this.#host.now(), isPending: true, steps: [], failure: null });
    return new Promise((settle) => {
      const cancel = this.#host.after(ACK_WITHIN_MS, () => this.#fail(ref, { code: "no_answer", detail: "" }));
      const ask = () => this.#host.send(ref, name, args, once);
      this.#waiting.set(ref, { ref, key, id: null, view: null, settle, cancel, ask });
      if (!ask()) this.#fail(ref, { code: "offline", detail: "" });
    });
  }

  acknowledged(ref: string, command: CommandView | undefined): void {
    const waiting = this.#waiting.get(ref);
    if (waiting === undefined) return;
    if (command === undefined) return this.#succeed(ref);
    this.#waiting.delete(command.id);
    waiting.cancel();
    waiting.id = command.id;
    waiting.view = command;
    this.#change(waiting.key, { id: command.id, steps: command.steps });
    if (command.state === "succeeded") return this.#succeed(ref);
    if (command.state === "failed") return this.#fail(ref, failureOf(command.code, command.detail));
    const left = Date.parse(command.deadline) - this.#host.serverNow();
    const wait = command.command === "make_call" ? DIAL_WITHIN_MS : Math.max(left, 0) + GRACE_MS;
    waiting.cancel = this.#host.after(wait, () => this.#fail(ref, { code: "outcome_unknown", detail: "" }));
  }

  /** A new picture came in the place of some events: what became of a command may have been among them. */
  askAgain(): void {
    for (const waiting of this.#waiting.values()) if (waiting.id !== null) waiting.ask();
  }

  refused(ref: string, problem: ProblemBody): void {
    this.#fail(ref, { code: problem.code, detail: problem.errors?.[0]?.detail ?? problem.detail });
  }

  /** An event of the log; only `command.*` matters here. */
  heard(event: LogEvent): void {
    if (!event.type.startsWith("command.")) return;
    const id = event.data.command ?? event.subject;
    const waiting = [...this.#waiting.values()].find((one) => one.id !== null && one.id === id);
    if (waiting === undefined) {
      if (event.type === "command.sent" && event.data.name === "make_call") this.#adopt(String(id));
      return;
    }
    switch (event.type) {
      case "command.progress":
        return this.#progress(waiting, { step: String(event.data.step), at: event.time });
      case "command.succeeded":
        return this.#succeed(waiting.ref);
      case "command.failed":
        return this.#fail(waiting.ref, failureOf(event.data.code, event.data.detail));
      case "command.outcome_unknown":
        return this.#fail(waiting.ref, failureOf("outcome_unknown", event.data.detail));
    }
  }

  /** The connection broke: what was not acknowledged will not be. */
  broken(): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.id === null) this.#fail(waiting.ref, { code: "offline", detail: "" });
    }
  }

  /** My phone dials for somebody else: another tab, or a page that has a token. Its steps are shown as if dialled here. */
  #adopt(id: string): void {
    const isOurs = [...this.#waiting.values()].some((one) => one.key === DIAL_KEY && one.id === null);
    if (isOurs || this.#shown.get(DIAL_KEY)?.isPending) return;
    const cancel = this.#host.after(DIAL_WITHIN_MS, () => this.#fail(id, { code: "outcome_unknown", detail: "" }));
    this.#waiting.set(id, { ref: id, key: DIAL_KEY, id, view: null, settle: () => undefined, cancel, ask: () => false });
    this.#show({ key: DIAL_KEY, name: "make_call", id, sentAt: this.#host.now(), isPending: true, steps: [], failure: null });
  }

  #progress(waiting: Waiting, step: CommandStepView): void {
    const steps = this.#shown.get(waiting.key)?.steps ?? [];
    if (!steps.some((one) => one.step === step.step)) this.#change(waiting.key, { steps: [...steps, step] });
  }

  #succeed(ref: string): void {
    const waiting = this.#end(ref);
    if (waiting === null) return;
    this.#change(waiting.key, { isPending: false, failure: null });
    waiting.settle({ ok: true, command: waiting.view });
  }

  #fail(ref: string, failure: CommandFailure): void {
    const waiting = this.#end(ref);
    if (waiting === null) return;
    this.#change(waiting.key, { isPending: false, failure });
    waiting.settle({ ok: false, failure });
  }

  #end(ref: string): Waiting | null {
    const waiting = this.#waiting.get(ref);
    if (waiting === undefined) return null;
    waiting.cancel();
    this.#waiting.delete(ref);
    return waiting;
  }

  #change(key: string, change: Partial<RunningCommand>): void {
    const old = this.#shown.get(key);
    if (old !== undefined) this.#show({ ...old, ...change });
  }

  #show(command: RunningCommand): void {
    const shown = new Map(this.#shown);
    shown.delete(command.key);
    shown.set(command.key, command);
    for (const [key, one] of shown) {
      if (shown.size <= KEPT) break;
      if (!one.isPending) shown.delete(key);
    }
    this.#shown = shown;
    this.#host.show(shown);
  }
}

function failureOf(code: unknown, detail: unknown): CommandFailure {
  return {
    code: typeof code === "string" ? code : "unknown",
    detail: typeof detail === "string" ? detail : "",
  };
}
