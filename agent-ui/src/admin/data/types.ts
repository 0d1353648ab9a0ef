import type { components } from "../../api/generated/rest";

type Schemas = components["schemas"];

export type DeviceView = Schemas["DeviceView"];
export type AgentView = Schemas["AgentView"];
export type ExtensionView = Schemas["ExtensionView"];
export type ExtensionRequest = Schemas["ExtensionRequest"];
export type QueueView = Schemas["QueueView"];
export type UserView = Schemas["UserView"];
export type NewUserRequest = Schemas["NewUserRequest"];
export type UserPatch = Schemas["UserPatch"];
export type RoleView = Schemas["RoleView"];
export type LinkView = Schemas["LinkView"];
export type CommandView = Schemas["CommandView"];
export type CheckStep = Schemas["CheckStep"];
export type NumberPlan = Schemas["NumberPlanView"];
export type Impact = Schemas["Impact"];

/** What the store adds to a switch of the file. */
type Stored = "dialect" | "enabled" | "virtual_pbx" | "user_actions" | "password_set" | "tls_ca_set" | "version" | "trunks";

/** A switch as it is defined; never with a password. */
export type SwitchView = Omit<Schemas["SwitchView"], Stored> & {
  dialect?: string | null;
  enabled: boolean;
  virtual_pbx: boolean;
  user_actions?: string | null;
  password_set: boolean;
  tls_ca_set: boolean;
  version: number;
  trunks: string[];
};

/** Body of POST and PUT of a switch. */
export interface SwitchBody {
  id: string;
  name: string;
  kind: string;
  address: string;
  port: number;
  tls: boolean;
  tls_ca?: string;
  user: string;
  password?: string;
  user_actions: string | null;
  password_actions?: string;
  context: string | null;
  timeout_s: number;
  recordings_url: string | null;
  virtual_pbx: boolean;
  log_calls: string;
  trunks: string[];
  numbers: NumberPlan;
  enabled?: boolean;
}

/** What is missing in the set-up, or in order. */
export interface Finding {
  code: string;
  severity: "blocking" | "advice" | "ok";
  subject?: string | null;
  detail: string;
  fix: string;
}

export interface SetupView {
  findings: Finding[];
  counts: Record<"switches" | "links_up" | "devices" | "stations" | "queues" | "members" | "members_with_user" | "users", number>;
}

/** A row of a file that was not taken. */
export interface RefusedRow {
  line: number;
  field: string;
  reason: string;
  fix: string;
}

export interface MappingImport {
  dry_run: boolean;
  rows: number;
  users_added: number;
  extensions_added: number;
  extensions_changed: number;
  refused: RefusedRow[];
  passwords: { login: string; password: string }[];
}

export interface ContactImport {
  dry_run: boolean;
  rows: number;
  added: number;
  changed: number;
  refused: RefusedRow[];
}

export interface PopRule {
  id: string;
  version: number;
  name: string;
  active: boolean;
  queue: string | null;
  direction: "inbound" | "outbound" | "both";
  scope: "external" | "internal" | "both";
  trigger: "alerting" | "answered";
  url_template: string;
  window: string;
}

export interface PopPreview {
  url: string;
  used: { name: string; value: string }[];
  missing: string[];
}

/** A line of the log of pops. */
export interface PopLogView {
  id: string;
  call: string;
  user: string;
  rule?: string | null;
  trigger: string;
  at: string;
  state: "shown" | "suppressed" | "retracted";
  reason?: string | null;
  url?: string | null;
  latency_ms?: number | null;
}
