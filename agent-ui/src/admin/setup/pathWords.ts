import { m } from "../../i18n/generated/messages.js";
import type { PathFinding, PathStep } from "./pathTest";

const PLACE_NAMES: Record<string, () => string> = {
  connect: m.admin_place_connect,
  log_in_events: m.admin_place_log_in_events,
  log_in_actions: m.admin_place_log_in_actions,
  version: m.admin_place_version,
  rights_events: m.admin_place_rights_events,
  rights_actions: m.admin_place_rights_actions,
  read_state: m.admin_place_read_state,
  include_file: m.admin_place_include_file,
  events: m.admin_place_events,
  definition: m.path_place_definition,
  dialect: m.admin_dialect,
  csta_connect: m.admin_place_connect,
  csta_session: m.admin_place_csta_session,
  csta_monitors: m.admin_place_csta_monitors,
};

/** Name of a step; one that a newer server invented keeps its own. */
export function placeName(place: string): string {
  return PLACE_NAMES[place]?.() ?? place.replaceAll("_", " ");
}

export function outcomeWord(outcome: PathStep["outcome"]): string {
  const words = { passed: m.admin_outcome_passed, failed: m.admin_outcome_failed, warning: m.admin_outcome_warning, running: m.admin_outcome_running, not_run: m.admin_outcome_not_run };
  return words[outcome]();
}

interface Words {
  text: (finding: PathFinding) => string;
  fix?: () => string;
}

/** A fact in our words; `fix` says how to mend it. */
const said = (text: () => string, fix?: () => string): Words => ({ text, ...(fix && { fix }) });
/** A fact in our words, then what exactly the switch said. */
const withCause = (text: () => string, fix: () => string): Words => ({ text: ({ detail }) => [text(), detail].filter(Boolean).join(": "), fix });
/** What the switch calls itself needs no other words. */
const AS_IT_IS: Words = { text: ({ detail }) => detail };
const value = ({ values }: PathFinding, name: string): string => values?.[name] ?? "?";

/** By place, of which both users have the same, and what came of it. */
const WORDS: Record<string, Words> = {
  "connect.answers": said(m.path_connect_answers),
  "connect.refused": withCause(m.path_connect_refused, m.path_connect_refused_fix),
  "connect.silent": said(m.path_connect_silent, m.path_connect_silent_fix),
  "log_in.accepted": AS_IT_IS,
  "log_in.rejected": said(m.path_log_in_rejected, m.path_log_in_rejected_fix),
  "log_in.in_use": said(m.path_log_in_in_use, m.path_log_in_in_use_fix),
  "log_in.tls": withCause(m.path_log_in_tls, m.path_log_in_tls_fix),
  "log_in.wants_tls": said(m.path_log_in_wants_tls, m.path_log_in_wants_tls_fix),
  "log_in.other_service": said(m.path_log_in_other_service, m.path_log_in_other_service_fix),
  "log_in.failed": withCause(m.path_log_in_failed, m.path_log_in_failed_fix),
  "log_in.silent": said(m.path_log_in_silent, m.path_log_in_silent_fix),
  "version.known": AS_IT_IS,
  "version.too_old": withCause(m.path_version_too_old, m.path_version_too_old_fix),
  "version.unknown": said(m.path_version_unknown, m.path_version_unknown_fix),
  "rights.given": { text: (finding) => m.path_rights_given({ count: value(finding, "count") }) },
  "rights.missing": withCause(m.path_rights_missing, m.path_rights_missing_fix),
  "rights.shell": withCause(m.path_rights_shell, m.path_rights_shell_fix),
  "rights.dangerous": withCause(m.path_rights_dangerous, m.path_rights_dangerous_fix),
  "rights.unreadable": said(m.path_rights_unreadable, m.path_rights_unreadable_fix),
  "read_state.read": { text: (finding) => m.path_read_state_read({ phones: value(finding, "phones"), queues: value(finding, "queues"), calls: value(finding, "calls") }) },
  "read_state.no_queues": said(m.path_read_state_no_queues, m.path_read_state_no_queues_fix),
  "read_state.unread": withCause(m.path_read_state_unread, m.path_read_state_unread_fix),
  "include_file.loaded": said(m.path_include_file_loaded),
  "include_file.missing": said(m.path_include_file_missing, m.path_include_file_missing_fix),
  "events.came": { text: (finding) => m.path_events_came({ ms: value(finding, "ms") }) },
  "events.no_time": said(m.path_events_no_time, m.path_events_no_time_fix),
  "events.no_probe": said(m.path_events_no_probe, m.path_events_no_probe_fix),
  "events.none": said(m.path_events_none, m.path_events_none_fix),
  "dialect.tried": { text: ({ detail }) => m.path_dialect_tried({ way: detail }) },
  "csta_connect.answers": said(m.path_connect_answers),
  "csta_connect.failed": withCause(m.path_csta_connect_failed, m.path_csta_connect_failed_fix),
  "csta_session.ready": said(m.path_csta_session_ready),
  "csta_session.refused": withCause(m.path_csta_session_refused, m.path_csta_session_refused_fix),
  "csta_session.silent": said(m.path_csta_session_silent, m.path_csta_session_silent_fix),
  "csta_monitors.none": said(m.path_csta_monitors_none, m.path_csta_monitors_none_fix),
  "csta_monitors.placed": said(m.path_csta_monitors_placed),
  "csta_monitors.refused": withCause(m.path_csta_monitors_refused, m.path_csta_monitors_refused_fix),
  "csta_monitors.ended": withCause(m.path_csta_monitors_failed, m.path_csta_monitors_failed_fix),
  "csta_monitors.silent": said(m.path_csta_monitors_failed, m.path_csta_monitors_failed_fix),
  "definition.unusable": withCause(m.path_definition_unusable, m.path_definition_unusable_fix),
};

/** What was found and how to mend it, in the language of the page; a code that is not known here in the server's words. */
export function pathTexts(finding: PathFinding): { detail: string; fix: string } {
  const words = WORDS[finding.code.replace(/^(log_in|rights)_(events|actions)\./, "$1.")];
  if (words === undefined) return { detail: finding.detail, fix: finding.fix ?? "" };
  return { detail: words.text(finding), fix: words.fix?.() ?? "" };
}
