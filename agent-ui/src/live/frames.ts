/** Frames of `tieline.v1` as the desk reads and writes them. */
import type { components } from "../api/generated/rest";
import type { CallDetail, PopView, QueueNow } from "../api/types";

type Schemas = components["schemas"];

export type AgentView = Schemas["AgentView"];
export type DeviceView = Schemas["DeviceView"];
export type LinkView = Schemas["LinkView"];
export type OfferView = Schemas["OfferView"];
export type CommandView = Schemas["CommandView"];
export type CommandStepView = Schemas["CommandStepView"];
export type ProblemBody = Schemas["ProblemBody"];
export type { CallDetail, PopView, QueueNow };

/** Everything the desk mirrors, by the name of its part. */
export interface Parts {
  calls: CallDetail;
  agents: AgentView;
  queues: QueueNow;
  devices: DeviceView;
  links: LinkView;
  offers: OfferView;
  pops: PopView;
}

export type PartName = keyof Parts;

export const PART_NAMES: readonly PartName[] = ["calls", "agents", "queues", "devices", "links", "offers", "pops"];

/** What identifies an item of a part. */
export const ID_OF: { [P in PartName]: (item: Parts[P]) => string } = {
  calls: (item) => item.id,
  agents: (item) => item.id,
  queues: (item) => item.queue.id,
  devices: (item) => item.id,
  links: (item) => item.switch,
  offers: (item) => item.id,
  pops: (item) => item.id,
};

/** A part of the picture, whole (in one or several frames) or what changed of it. */
export interface ViewFrame<P extends PartName = PartName> {
  op: "view";
  part: P;
  cursor: number;
  whole: boolean;
  items: Parts[P][];
  /** With `whole`: this was the last frame of the part. */
  last?: boolean;
  /** Without `whole`: what the reader no longer sees. */
  gone?: string[];
}

/** A fact as the log publishes it. */
export interface LogEvent {
  id: string;
  sequence: number;
  type: string;
  time: string;
  subject?: string | null;
  data: Record<string, unknown>;
}

export interface PopOpen {
  url: string;
  window: string;
}

export type ServerFrame =
  | { op: "welcome"; session: string; heartbeat_ms: number; server_time: string; cursor: number; rights: string[] }
  | { op: "resumed"; from: number; to: number }
  | { op: "reset"; cursor: number; reason: string }
  | { op: "snapshot" | "subscribed" | "unsubscribed" | "unsaved" }
  | ViewFrame
  | { op: "event"; cursor: number; event: LogEvent }
  /** Without a command: no switch had to be asked, it is done. */
  | { op: "ack"; ref: string; command?: CommandView }
  | { op: "problem"; ref?: string; topic?: string; problem: ProblemBody }
  | { op: "ping" | "pong"; server_time: string }
  | { op: "lease"; lease: Lease }
  | { op: "pop"; action: "show" | "update" | "retract"; pop: PopView; open?: PopOpen }
  | { op: "draining"; after_ms: number };

/** Whether this tab is the one of the person that rings, notifies and opens windows. */
export type Lease = "granted" | "lost";

export type ClientFrame =
  | { op: "hello"; token?: string; client: { kind: "desktop"; tab: string }; resume?: { cursor: number }; topics: string[] }
  | { op: "command"; ref: string; name: string; args: object; idempotency_key: string }
  | { op: "subscribe" | "unsubscribe"; topics: string[] }
  | { op: "pop_shown" | "pop_dismiss"; pop: string }
  | { op: "pop_opened"; pop: string; ok: boolean }
  | { op: "ping" | "pong" };

/** Reads one text frame; null when it is none. */
export function readFrame(text: string): ServerFrame | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || !("op" in parsed)) return null;
    return parsed as ServerFrame;
  } catch {
    return null;
  }
}
