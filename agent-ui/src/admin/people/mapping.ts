import type { ExtensionRequest, Impact } from "../../api/types";
import type { PhoneRow } from "./rows";

/** The form of a line. */
export interface MappingDraft {
  user: string | null;
  number: string;
  contact: string;
  active: boolean;
}

export function mappingOf(row: PhoneRow): MappingDraft {
  return { user: row.user?.id ?? null, number: row.entry?.number ?? "", contact: row.entry?.contact ?? "", active: row.entry?.active ?? true };
}

export function requestOf(row: PhoneRow, draft: MappingDraft): ExtensionRequest {
  return {
    switch: row.switch,
    extension: row.extension,
    user: draft.user,
    number: draft.number.trim() || null,
    contact: draft.contact.trim() || null,
    // What this form does not show stays as it is.
    caller_id: row.entry?.caller_id ?? null,
    record: row.entry?.record ?? false,
    active: draft.active,
  };
}

/** One thing that a change would do. */
export type Effect = "line_set" | "line_given" | "line_taken" | "member_given" | "member_taken" | "other";

const EFFECTS: Record<string, Effect> = { "config.extension_set": "line_set", "config.assigned": "line_given", "config.unassigned": "line_taken" };

/** What saving would do: the server's dry run, and the queue member that follows its phone. */
export function effectsOf(impact: Impact | undefined, row: PhoneRow, draft: MappingDraft): Effect[] {
  const effects = (impact?.impact ?? []).map((one) => EFFECTS[one.type] ?? "other");
  const change = memberChange(row, draft);
  return change === null ? effects : [...effects, change.user === null ? "member_taken" : "member_given"];
}

/** The member of queues that must get another user with this line; none when it stays. */
export function memberChange(row: PhoneRow, draft: MappingDraft): { agent: string; user: string | null } | null {
  if (row.agent === null || (row.agent.user ?? null) === draft.user) return null;
  return { agent: row.agent.id, user: draft.user };
}
