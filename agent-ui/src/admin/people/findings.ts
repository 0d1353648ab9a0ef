import { m } from "../../i18n/generated/messages.js";
import type { Finding } from "../../api/types";
import type { PhoneFilter } from "./rows";

/** Where a finding is mended. */
export type Remedy =
  | { kind: "part"; part: "link" | "people"; label: string }
  | { kind: "filter"; filter: PhoneFilter; label: string }
  | { kind: "page"; page: "rules" | "users" | "contacts"; label: string };

/** The place that mends a finding, by its stable code; none when it is mended at the switch. */
export function remedyOf(finding: Finding): Remedy | null {
  const { code } = finding;
  if (code === "no_pop_rule") return { kind: "page", page: "rules", label: m.admin_rules() };
  if (code === "no_contacts") return { kind: "page", page: "contacts", label: m.admin_contacts() };
  if (code === "no_agent") return { kind: "page", page: "users", label: m.admin_users() };
  if (code === "members_without_user") return { kind: "filter", filter: "members", label: m.admin_show() };
  if (code === "extensions_without_user" || code === "no_phone") return { kind: "filter", filter: "no_person", label: m.admin_show() };
  if (/switch|link|right|include/.test(code)) return { kind: "part", part: "link", label: m.admin_step_link() };
  return null;
}

/** What still needs somebody, the blocking ones first; what is in order is only counted. */
export function openFindings(findings: readonly Finding[]): Finding[] {
  const weight = (finding: Finding) => (finding.severity === "blocking" ? 0 : 1);
  return findings.filter((finding) => finding.severity !== "ok").toSorted((one, two) => weight(one) - weight(two));
}
