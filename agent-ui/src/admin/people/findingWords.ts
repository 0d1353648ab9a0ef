import { m } from "../../i18n/generated/messages.js";
import type { Finding } from "../../api/types";

type Words = { title: () => string; fix: () => string };

const WORDS: Record<string, Words> = {
  no_switch: { title: m.admin_finding_no_switch, fix: m.admin_finding_no_switch_fix },
  switch_off: { title: m.admin_finding_switch_off, fix: m.admin_finding_switch_off_fix },
  link_never: { title: m.admin_finding_link_never, fix: m.admin_finding_link_never_fix },
  link_down: { title: m.admin_finding_link_down, fix: m.admin_finding_link_down_fix },
  right_missing: { title: m.admin_finding_right_missing, fix: m.admin_finding_right_missing_fix },
  no_include: { title: m.admin_finding_no_include, fix: m.admin_finding_no_include_fix },
  no_queues: { title: m.admin_finding_no_queues, fix: m.admin_finding_no_queues_fix },
  no_stations: { title: m.admin_finding_no_stations, fix: m.admin_finding_no_stations_fix },
  stations_unreachable: { title: m.admin_finding_stations_unreachable, fix: m.admin_finding_stations_unreachable_fix },
  members_without_user: { title: m.admin_finding_members_without_user, fix: m.admin_finding_members_without_user_fix },
  extensions_without_user: { title: m.admin_finding_extensions_without_user, fix: m.admin_finding_extensions_without_user_fix },
  no_agent: { title: m.admin_finding_no_agent, fix: m.admin_finding_no_agent_fix },
  no_phone: { title: m.admin_finding_no_phone, fix: m.admin_finding_no_phone_fix },
  no_pop_rule: { title: m.admin_finding_no_pop_rule, fix: m.admin_finding_no_pop_rule_fix },
  no_contacts: { title: m.admin_finding_no_contacts, fix: m.admin_finding_no_contacts_fix },
};

/** Codes whose detail names what it is about: phones, members, the cause at the switch. */
const WITH_DETAIL = new Set(["link_down", "right_missing", "no_include", "stations_unreachable", "members_without_user", "extensions_without_user"]);

/** A finding in the language of the page; one that is not known here in the server's words. */
export function findingTexts(finding: Finding): { title: string; detail: string | null; fix: string } {
  const words = WORDS[finding.code];
  if (!words) return { title: finding.detail, detail: null, fix: finding.fix };
  const detail = WITH_DETAIL.has(finding.code) ? finding.detail : null;
  return { title: [words.title(), finding.subject].filter(Boolean).join(" · "), detail, fix: words.fix() };
}
