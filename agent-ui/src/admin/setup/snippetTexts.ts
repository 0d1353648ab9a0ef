import manager from "../../../../crates/ctid/share/manager_tieline.conf?raw";
import dialplan from "../../../../crates/ctid/share/extensions_tieline.conf?raw";
import type { SwitchDraft } from "./switchForm";

/** The part of the dialplan that click-to-dial, consultation and the ring test need; the file that `ctid init` writes. */
export const DIALPLAN = dialplan;

/** Line of extensions.conf that includes it. */
export const INCLUDE_LINE = '#include "extensions_tieline.conf"';

/** What the Asterisk is told afterwards. */
export const RELOAD = "asterisk -rx 'manager reload'\nasterisk -rx 'dialplan reload'";

/**
 * The two manager users as this form names them. A password that is stored is never shown again:
 * `hidden` stands in its place.
 */
export function managerSnippet(draft: SwitchDraft, hidden: string): string {
  const actions = draft.user_actions.trim() || draft.user.trim();
  return manager
    .replace("[cti-ev]", () => `[${draft.user.trim()}]`)
    .replace("[cti-act]", () => `[${actions}]`)
    .replace("@EVENT_SECRET@", () => draft.password || hidden)
    .replace("@ACTION_SECRET@", () => draft.password_actions || hidden);
}

const SECRET_CHARS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** A secret of 32 characters that cannot be misread. */
export function freshSecret(): string {
  const bytes = new Uint32Array(32);
  crypto.getRandomValues(bytes);
  return [...bytes].map((value) => SECRET_CHARS.charAt(value % SECRET_CHARS.length)).join("");
}
