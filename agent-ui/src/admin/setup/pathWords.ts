import { m } from "../../i18n/generated/messages.js";
import type { PathStep } from "./pathTest";

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
};

/** Name of a step; one that a newer server invented keeps its own. */
export function placeName(place: string): string {
  return PLACE_NAMES[place]?.() ?? place.replaceAll("_", " ");
}

export function outcomeWord(outcome: PathStep["outcome"]): string {
  const words = { passed: m.admin_outcome_passed, failed: m.admin_outcome_failed, warning: m.admin_outcome_warning, running: m.admin_outcome_running, not_run: m.admin_outcome_not_run };
  return words[outcome]();
}
