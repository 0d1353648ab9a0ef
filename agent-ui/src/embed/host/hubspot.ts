// HubSpot, Calling Extensions. The bridge page is the app's calling URL: HubSpot frames it, it frames the desk.
// Speaks the messages of @hubspot/calling-extensions-sdk itself, checked against its source (IFrameManager, Constants,
// CallingExtensions): SYNC is answered by SYNC_ACK, and everything goes to the origin that sent it.
import { type Adapter, is, type Phone } from "./adapter";
import type { DeskMessages, HostRecord } from "../protocol";

interface Word {
  type: string;
  messageId?: string;
  data?: Record<string, unknown>;
  hostUrl?: string;
}

/** Pages of HubSpot itself; `data-hubspot` names another one. */
const HUBSPOT = /^https:\/\/app(-[a-z0-9]+)?\.hubspot\.com$/;
const SIZE = { width: 400, height: 650 };
const VERSION = "tieline-1";

export function hubspot(): Adapter {
  return new HubSpot();
}

class HubSpot implements Adapter {
  #phone: Phone | null = null;
  /** Where HubSpot's page is from; null until it has said SYNC. */
  #origin: string | null = null;
  #count = 0;
  #isSignedIn = false;
  /** What was said before SYNC. */
  #unsaid: { type: string; data: object }[] = [];
  /** HubSpot's own record of each call. */
  readonly #engagements = new Map<string, string>();
  #current: string | null = null;

  start(phone: Phone, _into: HTMLElement, options: Readonly<Record<string, string | undefined>>): void {
    this.#phone = phone;
    const isHubSpot = (origin: string) => (options.hubspot === undefined ? HUBSPOT.test(origin) : options.hubspot === origin);
    window.addEventListener("message", ({ origin, source, data }: MessageEvent) => {
      if (source === window.parent && isHubSpot(origin) && isWord(data)) this.#heard(data, origin);
    });
  }

  on<T extends keyof DeskMessages>(type: T, data: DeskMessages[T]): void {
    if (is("state", type, data) && data.signed_in !== this.#isSignedIn) {
      this.#isSignedIn = data.signed_in;
      this.#say(data.signed_in ? "LOGGED_IN" : "LOGGED_OUT");
    }
    if (is("call.offered", type, data) && !data.resumed) this.#offered(data);
    if (is("resize", type, data)) this.#say("RESIZE_WIDGET", data);
    if (is("call.answered", type, data)) this.#say("CALL_ANSWERED", { externalCallId: data.call.id });
    if (is("call.ended", type, data)) this.#say("CALL_ENDED", { externalCallId: data.call.id, engagementId: this.#engagements.get(data.call.id), callEndStatus: data.answered ? "COMPLETED" : "NO_ANSWER" });
    if (is("call.log", type, data)) this.#log(data);
  }

  #offered({ call }: DeskMessages["call.offered"]): void {
    this.#current = call.id;
    const common = { externalCallId: call.id, createEngagement: true, callStartTime: Date.parse(call.started_at) };
    if (call.direction === "outbound") this.#say("OUTGOING_CALL_STARTED", { ...common, phoneNumber: call.number, toNumber: call.number });
    else this.#say("INCOMING_CALL", { ...common, fromNumber: call.number, toNumber: call.dialled });
  }

  #log(log: DeskMessages["call.log"]): void {
    const { id } = log.call;
    const engagementId = this.#engagements.get(id);
    this.#say("CALL_COMPLETED", {
      externalCallId: id,
      engagementId,
      hideWidget: false,
      engagementProperties: {
        hs_call_body: log.note,
        hs_call_duration: String(log.duration_ms),
        hs_call_status: log.answered ? "COMPLETED" : "NO_ANSWER",
        hs_call_direction: log.call.direction === "outbound" ? "OUTBOUND" : "INBOUND",
      },
    });
    if (engagementId === undefined) this.#phone?.logFailed(id, "HubSpot has made no record of this call");
  }

  #heard(word: Word, origin: string): void {
    if (word.type === "SYNC") return this.#sync(word, origin);
    if (origin !== this.#origin) return;
    const { data = {} } = word;
    switch (word.type) {
      case "DIAL_NUMBER":
        return this.#dial(data);
      case "ENGAGEMENT_CREATED":
      case "CREATE_ENGAGEMENT_SUCCEEDED":
        return this.#made(data);
      case "UPDATE_ENGAGEMENT_SUCCEEDED":
        return this.#kept(data);
      case "CREATE_ENGAGEMENT_FAILED":
      case "UPDATE_ENGAGEMENT_FAILED":
        return this.#phone?.logFailed(this.#callOf(data), word.type);
      // An end of the call from HubSpot's side would be a second way to hang up; the frame has the button.
      default:
        return undefined;
    }
  }

  #sync(word: Word, origin: string): void {
    const isFirst = this.#origin === null;
    this.#origin = origin;
    this.#post({ ...word, type: "SYNC_ACK", debugMode: false, version: VERSION, iFrameUrl: window.location.origin });
    if (!isFirst) return;
    this.#say("INITIALIZED", { isLoggedIn: this.#isSignedIn, isAvailable: this.#isSignedIn, sizeInfo: SIZE });
    const unsaid = this.#unsaid;
    this.#unsaid = [];
    for (const { type, data } of unsaid) this.#say(type, data);
  }

  #dial(data: Record<string, unknown>): void {
    const number = textOf(data.phoneNumber);
    if (number === null) return;
    const id = textOf(data.objectId);
    const record: HostRecord | undefined = id === null ? undefined : { type: textOf(data.objectType) ?? "CONTACT", id };
    this.#phone?.dial(number, record);
  }

  #made(data: Record<string, unknown>): void {
    const engagement = textOf(data.engagementId);
    const call = this.#callOf(data);
    if (engagement !== null && call !== "") this.#engagements.set(call, engagement);
    const [oldest] = this.#engagements.keys();
    if (this.#engagements.size > 50 && oldest !== undefined) this.#engagements.delete(oldest);
  }

  #kept(data: Record<string, unknown>): void {
    const call = this.#callOf(data);
    const engagement = textOf(data.engagementId) ?? this.#engagements.get(call);
    if (engagement !== undefined && call !== "") this.#phone?.logSaved(call, { type: "engagement", id: engagement });
  }

  /** HubSpot names the call, or means the one that came last. */
  #callOf(data: Record<string, unknown>): string {
    const named = textOf(data.externalCallId);
    if (named !== null) return named;
    const engagement = textOf(data.engagementId);
    const known = [...this.#engagements].find(([, one]) => one === engagement)?.[0];
    return known ?? this.#current ?? "";
  }

  #say(type: string, data: object = {}): void {
    if (this.#origin === null) this.#unsaid = [...this.#unsaid, { type, data }].slice(-50);
    else this.#post({ type, data: { ...data }, messageId: `tieline_${(this.#count += 1)}` });
  }

  #post(word: object): void {
    if (this.#origin !== null) window.parent.postMessage(word, this.#origin);
  }
}

const isWord = (data: unknown): data is Word => typeof data === "object" && data !== null && "type" in data && typeof data.type === "string";

/** HubSpot's ids are numbers or texts. */
function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, 120) : null;
}
