import { LANGUAGE_NAMES, LANGUAGE_ORDER } from "../../domain/locale";
import { m } from "../../i18n/generated/messages.js";
import type { Choice } from "../../ui/Select/Select";

const ROLES: Record<string, () => string> = {
  admin: m.admin_role_admin,
  supervisor: m.admin_role_supervisor,
  agent: m.admin_role_agent,
  wallboard: m.admin_role_wallboard,
  recording_download: m.admin_role_recording_download,
  recording_listen: m.admin_role_recording_listen,
  queues: m.admin_role_queues,
  callback: m.admin_role_callback,
};

/** Name of a role; one that the house made itself keeps its own. */
export function roleName(role: string): string {
  return ROLES[role]?.() ?? role;
}

/** Languages of the desk, each in its own words. */
export const LANGUAGES: readonly Choice[] = LANGUAGE_ORDER.map((id) => ({ id, label: LANGUAGE_NAMES[id] }));
