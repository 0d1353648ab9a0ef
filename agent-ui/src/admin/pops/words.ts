import { m } from "../../i18n/generated/messages.js";
import type { PopLogView } from "../../api/types";
import type { TemplateFault } from "./template";

const PLACEHOLDER_WORDS: Record<string, () => string> = {
  "number.e164": m.admin_ph_number_e164,
  "number.national": m.admin_ph_number_national,
  "number.digits": m.admin_ph_number_digits,
  "number.raw": m.admin_ph_number_raw,
  ext: m.admin_ph_ext,
  name: m.admin_ph_name,
  dnis: m.admin_ph_dnis,
  "queue.id": m.admin_ph_queue_id,
  "queue.name": m.admin_ph_queue_name,
  direction: m.admin_ph_direction,
  "call.id": m.admin_ph_call_id,
  "call.pbx_id": m.admin_ph_call_pbx_id,
  "leg.id": m.admin_ph_leg_id,
  "agent.login": m.admin_ph_agent_login,
  "agent.extension": m.admin_ph_agent_extension,
  wait_s: m.admin_ph_wait_s,
  "match.id": m.admin_ph_match_id,
  "match.external_id": m.admin_ph_match_external_id,
  "match.name": m.admin_ph_match_name,
  lang: m.admin_ph_lang,
};

/** What a placeholder stands for. */
export function placeholderWords(name: string): string {
  return PLACEHOLDER_WORDS[name]?.() ?? "";
}

const FAULTS: Record<TemplateFault, (input: { name: string }) => string> = {
  missing: () => m.admin_fault_missing(),
  scheme: () => m.admin_fault_scheme(),
  braces: () => m.admin_fault_braces(),
  unknown: m.admin_fault_placeholder,
};

export function templateFaultWords({ fault, name = "" }: { fault: TemplateFault; name?: string }): string {
  return FAULTS[fault]({ name });
}

const REASONS: Record<string, () => string> = {
  no_rule: m.admin_reason_no_rule,
  scope: m.admin_reason_scope,
  internal: m.admin_reason_internal,
  no_desk_open: m.admin_reason_no_desk,
  no_desk: m.admin_reason_no_desk,
  already_shown: m.admin_reason_already_shown,
  withheld: m.admin_reason_withheld,
  daemon_was_away: m.admin_reason_daemon_was_away,
  answered_elsewhere: m.admin_reason_answered_elsewhere,
  caller_left: m.admin_reason_caller_left,
  no_answer: m.admin_reason_no_answer,
  rejected: m.admin_reason_rejected,
  diverted: m.admin_reason_diverted,
  merged: m.admin_reason_merged,
  lost: m.admin_reason_lost,
  ended: m.admin_reason_ended,
};

/** Why a pop was not shown or was taken back; a reason of a newer server stands as its code. */
export function reasonWords(reason: string | null | undefined): string {
  return reason ? REASONS[reason]?.() ?? reason : "–";
}

export function popStateWord(state: PopLogView["state"]): string {
  const words: Record<string, () => string> = { shown: m.admin_pop_shown, suppressed: m.admin_pop_suppressed, retracted: m.admin_pop_retracted };
  return words[state]?.() ?? state;
}
