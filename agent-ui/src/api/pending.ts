// Shapes of the agreed API that rest.ts does not have yet. Each goes as soon as the generated file has it.
import type { components } from "./generated/rest";

type Schemas = components["schemas"];

/** GET|PUT /v1/me/preferences */
export interface Preferences {
  theme: "system" | "light" | "dark";
  language: "en" | "cs" | "sk" | "pl" | "it" | "de" | null;
  /** Agents, devices and queues with a star, at most 100. */
  favourites: string[];
  auto_connect: boolean;
  /** The phone taken over at the last sign-in. */
  desk_device: string | null;
  sound: boolean;
  notifications: boolean;
  compact_rows: boolean;
}

export interface ContactNumber {
  number: string;
  e164?: string | null;
  label?: string | null;
}

export interface ContactView {
  id: string;
  version: number;
  kind: "person" | "company";
  name: string;
  company?: string | null;
  numbers: ContactNumber[];
  email?: string | null;
  external_id?: string | null;
  note?: string | null;
  created_at: string;
  changed_at: string;
}

export interface ContactMatch {
  contact: ContactView;
  confidence: "exact" | "suggested";
  why: string;
  matched_number: string;
  source: string;
}

/** GET /v1/contacts/lookup */
export interface LookupView {
  number?: Schemas["NumberView"] | null;
  outcome: "none" | "one" | "many" | "withheld" | "internal";
  matches: ContactMatch[];
  took_ms?: number;
}

/** A row of GET /v1/contacts/history */
export interface HistoryRow {
  call: string;
  at: string;
  direction: string;
  outcome?: string | null;
  agent_name?: string | null;
  queue_name?: string | null;
  disposition?: { code: string; label: string } | null;
  note?: string | null;
  talk_ms?: number | null;
  wait_ms?: number | null;
}

export interface PopView {
  id: string;
  call: string;
  device?: string | null;
  /** `inbound`, `outbound`, `internal`. */
  direction?: string;
  calling: Schemas["PartyView"];
  dialled?: Schemas["NumberView"] | null;
  queue?: string | null;
  queue_name?: string | null;
  at: string;
  waited_since?: string | null;
  lookup: Pick<LookupView, "outcome" | "matches"> | null;
  history: HistoryRow[];
  state: "active" | "dismissed" | "retracted";
  reason?: string | null;
  answered_by?: string | null;
}

/** What a call says of its contact once it is matched. */
export interface CallContact {
  id: string;
  name: string;
  company?: string | null;
}

/** CallDetailView as views and /v1/calls/{id} send it, with the contact chosen for it. */
export type CallDetail = Schemas["CallDetailView"] & { contact?: CallContact | null };

/** QueueLiveView without members, as `view:queues` sends it. */
export type QueueNow = Omit<Schemas["QueueLiveView"], "members">;
