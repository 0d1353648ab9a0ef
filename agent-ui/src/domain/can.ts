// Reads the permits the server sends with every call and turns codes into words. Decides nothing itself.
import type { CallDetail } from "../api/types";
import { ApiError } from "../api/client";
import { m } from "../i18n/generated/messages.js";

export type CallCommandName =
  | "answer_call"
  | "clear_connection"
  | "clear_call"
  | "hold_call"
  | "retrieve_call"
  | "consultation_call"
  | "alternate_call"
  | "reconnect_call"
  | "transfer_call"
  | "single_step_transfer"
  | "conference_call";

export type CommandName = CallCommandName | "make_call" | "set_agent_state" | "join_call";

export interface Permission {
  allowed: boolean;
  /** Why not, in words for a tooltip. */
  why: string | null;
}

/** What a call says about a command; a call that says nothing allows nothing. */
export function permitOf(call: CallDetail | undefined, command: CallCommandName): Permission {
  const permit = call?.permits.find((one) => one.command === command);
  if (permit === undefined) return { allowed: false, why: m.why_not_yours() };
  return permit.allowed ? { allowed: true, why: null } : { allowed: false, why: reasonWords(permit.reason, permit.detail) };
}

/** Words of a reason code of a permit. */
export function reasonWords(code: string | null | undefined, detail?: string | null): string {
  switch (code) {
    case "not_capable":
      return m.why_not_capable();
    case "not_alerting":
      return m.why_not_alerting();
    case "not_connected":
      return m.why_not_connected();
    case "not_held":
      return m.why_not_held();
    case "no_held_call":
      return m.why_no_held_call();
    case "no_party":
      return m.why_no_party();
    case "link_down":
    case "pbx_link_down":
      return m.why_link_down();
    case "wrong_state":
      return m.why_wrong_state();
    case "offline":
      return m.why_offline();
    default:
      return detail || code || m.fail_unknown();
  }
}

/** The command as a heading of its failure. */
export function commandName(name: string): string {
  const names: Record<string, () => string> = {
    answer_call: m.command_answer,
    clear_connection: m.command_clear,
    clear_call: m.command_clear,
    hold_call: m.command_hold,
    retrieve_call: m.command_retrieve,
    consultation_call: m.command_consult,
    alternate_call: m.command_alternate,
    reconnect_call: m.command_reconnect,
    transfer_call: m.command_complete,
    single_step_transfer: m.command_transfer,
    conference_call: m.command_conference,
    make_call: m.command_dial,
    join_call: m.command_listen,
    set_agent_state: m.command_state,
  };
  return names[name]?.() ?? name;
}

/** Why a command had no effect. */
export function failureWords(code: string, detail: string): string {
  const words: Record<string, () => string> = {
    no_answer: m.fail_no_answer,
    offline: m.why_offline,
    outcome_unknown: m.fail_outcome_unknown,
    no_effect: m.fail_no_effect,
    never_sent: m.fail_never_sent,
    target_busy: m.fail_target_busy,
    target_no_answer: m.fail_target_no_answer,
    target_unknown: m.fail_target_unknown,
    target_barred: m.fail_target_barred,
    target_not_reached: m.fail_target_not_reached,
    own_busy: m.fail_own_busy,
    own_no_answer: m.fail_own_no_answer,
    own_not_reached: m.fail_own_not_reached,
    number_denied: m.fail_number_denied,
    number_emergency: m.fail_number_emergency,
    number_premium: m.fail_number_premium,
    number_invalid: m.fail_number_invalid,
    not_capable: m.why_not_capable,
    forbidden: m.fail_forbidden,
    link_down: m.why_link_down,
    pbx_link_down: m.why_link_down,
    no_held_call: m.why_no_held_call,
  };
  const known = words[code]?.();
  if (known === undefined) return detail || code;
  // The server's own words say which setting or service is missing.
  return code === "not_capable" && detail ? `${known} (${detail})` : known;
}

/** A failed request in words. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return m.fail_unknown();
  switch (error.code) {
    case "unreachable":
      return m.fail_server_unreachable();
    case "sign_in_failed":
      return m.fail_sign_in();
    case "directory_unavailable":
      return m.fail_directory_unavailable();
    case "directory_no_role":
      return m.fail_directory_no_role();
    case "locked_out":
      return m.fail_locked_out();
    case "unauthenticated":
      return m.fail_unauthenticated();
    case "forbidden":
      return m.fail_forbidden();
    case "stale_version":
      return m.fail_stale_version();
    default:
      return error.errors[0]?.detail ?? (error.detail || `${error.code} (${error.status})`);
  }
}

/** Words by field: `/numbers/0/number` becomes `numbers.0.number`. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const named = error.errors.map((one) => [(one.pointer ?? one.parameter ?? "").replace(/^\//, "").replaceAll("/", "."), one.detail]);
  return Object.fromEntries(named) as Record<string, string>;
}

/** A step of a command as the phone bar tells it. */
export function stepWords(step: string): string {
  switch (step) {
    case "accepted":
      return m.step_accepted();
    case "own_ringing":
      return m.step_own_ringing();
    case "own_answered":
      return m.step_own_answered();
    case "target_ringing":
      return m.step_target_ringing();
    case "connected":
      return m.step_connected();
    default:
      return step;
  }
}
