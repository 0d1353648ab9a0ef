// Served at /embed/host.js for pages of other systems: puts the desk into a frame of theirs and speaks for an adapter.
//
//   <div data-tieline="salesforce" style="height: 640px"></div>
//   <script type="module" src="https://cti.example/embed/host.js"></script>
import type { DeskMessage, DeskMessages, Envelope, HostMessages } from "../protocol";
import type { Adapter, Options, Phone } from "./adapter";
import { dynamics } from "./dynamics";
import { hubspot } from "./hubspot";
import { plain } from "./plain";
import { salesforce } from "./salesforce";
import { zendesk } from "./zendesk";

const PROTOCOL = 1;
/** `init` is said again until the frame answers … */
const INIT_EVERY_MS = 250;
/** … and given up after this. */
const INIT_WITHIN_MS = 30_000;
/** What the desk is told before it answers. */
const UNSAID = 20;

const ADAPTERS: Record<string, () => Adapter> = { salesforce, dynamics, hubspot, zendesk, plain };

/** The daemon this script is from, and nothing else: where the frame comes from and where messages go. */
const DESK = new URL(import.meta.url).origin;

export interface Connection extends Phone {
  frame: HTMLIFrameElement;
  /** Takes the frame away. */
  stop(): void;
}

/** Puts the desk into the element. `adapter` is one of ours by name, or one of the page's own. */
function connect(into: HTMLElement, adapter: string | Adapter, options: Options = {}): Connection {
  const name = typeof adapter === "string" ? adapter : "own";
  const made = typeof adapter === "string" ? ADAPTERS[adapter]?.() : adapter;
  if (made === undefined) throw new Error(`tieline: there is no adapter ${name}; choose ${Object.keys(ADAPTERS).join(", ")}`);
  const line = new Line(into, name, made);
  made.start(line.phone, into, options);
  line.begin();
  return { ...line.phone, frame: line.frame, stop: line.stop };
}

/** One frame and what is said to it. */
class Line {
  readonly frame = document.createElement("iframe");
  readonly #name: string;
  readonly #into: HTMLElement;
  readonly #adapter: Adapter;
  #count = 0;
  #isReady = false;
  #startedAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #unsaid: [keyof HostMessages, HostMessages[keyof HostMessages]][] = [];

  readonly phone: Phone = {
    dial: (number, record) => this.#say("dial", { number: number.slice(0, 64), ...(record === undefined ? {} : { record }) }),
    focus: () => this.#say("focus", {}),
    recordShown: (record) => this.#say("record.shown", { record }),
    logSaved: (call, record) => this.#say("log.saved", { call, record }),
    logFailed: (call, detail) => this.#say("log.failed", { call, detail }),
    signOut: () => this.#say("sign_out", {}),
  };

  constructor(into: HTMLElement, name: string, adapter: Adapter) {
    this.#name = name;
    this.#into = into;
    this.#adapter = adapter;
  }

  begin(): void {
    const { frame } = this;
    frame.title = "Tieline";
    frame.src = `${DESK}/embed`;
    Object.assign(frame.style, { display: "block", border: "0", width: "100%", height: "100%" });
    window.addEventListener("message", this.#heard);
    // Also when the frame was loaded anew.
    frame.addEventListener("load", this.#greet);
    this.#into.append(frame);
  }

  stop = (): void => {
    clearInterval(this.#timer);
    window.removeEventListener("message", this.#heard);
    this.frame.remove();
  };

  #greet = (): void => {
    clearInterval(this.#timer);
    this.#isReady = false;
    this.#startedAt = Date.now();
    const init = () => {
      if (Date.now() - this.#startedAt > INIT_WITHIN_MS) return this.#giveUp();
      this.#post("init", { protocol: PROTOCOL, host: this.#name });
    };
    this.#timer = setInterval(init, INIT_EVERY_MS);
    init();
  };

  #giveUp(): void {
    clearInterval(this.#timer);
    this.#into.dataset.tielineState = "no_answer";
    console.error(`tieline: ${DESK}/embed does not answer. Is ${window.location.origin}, and every page around it, among the pages that may frame the desk (set-up, Frames in other systems)?`);
  }

  #heard = ({ origin, source, data }: MessageEvent): void => {
    if (origin !== DESK || source !== this.frame.contentWindow || !isMessage(data)) return;
    if (data.type === "ready") this.#ready();
    if (data.type === "error") console.warn(`tieline: ${data.data.code}: ${data.data.detail}`);
    if (data.type === "dial.done" && !data.data.ok) console.warn(`tieline: not dialled: ${data.data.code ?? ""} ${data.data.detail ?? ""}`);
    try {
      this.#adapter.on(data.type, data.data as DeskMessages[keyof DeskMessages]);
    } catch (error) {
      console.error(`tieline: the adapter ${this.#name} failed at ${data.type}`, error);
    }
  };

  #ready(): void {
    clearInterval(this.#timer);
    this.#isReady = true;
    this.#into.dataset.tielineState = "ready";
    const unsaid = this.#unsaid;
    this.#unsaid = [];
    for (const [type, data] of unsaid) this.#post(type, data);
  }

  #say<T extends keyof HostMessages>(type: T, data: HostMessages[T]): void {
    if (this.#isReady) this.#post(type, data);
    // A click from before is not dialled late.
    else if (type !== "dial") this.#unsaid = [...this.#unsaid, [type, data] as [T, HostMessages[T]]].slice(-UNSAID);
  }

  #post(type: string, data: object): void {
    this.#count += 1;
    const message: Envelope = { tieline: PROTOCOL, type, id: `h${this.#count}`, data };
    this.frame.contentWindow?.postMessage(message, DESK);
  }
}

function isMessage(data: unknown): data is DeskMessage {
  return typeof data === "object" && data !== null && "tieline" in data && data.tieline === PROTOCOL && "type" in data && typeof data.type === "string" && "data" in data && typeof data.data === "object";
}

declare global {
  interface Window {
    TielineEmbed?: { connect: typeof connect };
  }
}

window.TielineEmbed = { connect };
for (const element of document.querySelectorAll<HTMLElement>("[data-tieline]")) connect(element, element.dataset.tieline ?? "plain", { ...element.dataset });
