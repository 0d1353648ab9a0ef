// What the desk in a frame and the page around it say to each other (docs/embed.md). The shapes are those of
// docs/api/embed.schema.json.

export const PROTOCOL = 1;

export interface HostRecord {
  type: string;
  id: string;
  name?: string;
}

export interface EmbedContact {
  id: string;
  name: string;
  company: string | null;
  external_ids: { system: string; id: string }[];
}

export interface EmbedCall {
  id: string;
  direction: "inbound" | "outbound" | "internal";
  number: string | null;
  withheld: boolean;
  name: string;
  dialled: string | null;
  queue: string | null;
  started_at: string;
  contact: EmbedContact | null;
}

export interface Outcome {
  answered: boolean;
  answered_at: string | null;
  ended_at: string;
  duration_ms: number;
}

/** From the page around the frame. */
export interface HostMessages {
  init: { protocol: number; host: string };
  dial: { number: string; record?: HostRecord };
  focus: Record<string, never>;
  "record.shown": { record: HostRecord | null };
  "log.saved": { call: string; record: HostRecord };
  "log.failed": { call: string; detail: string };
  sign_out: Record<string, never>;
}

/** From the desk. */
export interface DeskMessages {
  ready: { protocol: number; signed_in: boolean };
  state: { signed_in: boolean; connected: boolean; name: string | null; extension: string | null; agent: string | null; reason: string | null; refused: number };
  "call.offered": { call: EmbedCall; resumed: boolean };
  "call.answered": { call: EmbedCall; resumed: boolean };
  "call.ended": { call: EmbedCall } & Outcome;
  "screen.pop": { call: EmbedCall; url: string | null };
  "call.log": { call: EmbedCall; note: string; category: string | null; record: HostRecord | null; revision: number } & Outcome;
  "dial.done": { ok: boolean; code: string | null; detail: string | null };
  resize: { width: number; height: number };
  error: { code: string; detail: string; refused: number };
}

export type HostMessage = { [T in keyof HostMessages]: { type: T; id: string; data: HostMessages[T] } }[keyof HostMessages];
export type DeskMessage = { [T in keyof DeskMessages]: { type: T; id: string; re?: string; data: DeskMessages[T] } }[keyof DeskMessages];
export type Envelope = { tieline: 1; type: string; id: string; re?: string; data: object };
