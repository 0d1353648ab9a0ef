import { CircleCheck, CircleDashed } from "lucide-react";
import type { ContactMatch } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { Tag } from "../../ui/Tag/Tag";
import { matchedLabel } from "./phase";

/** How sure we are, and why. */
export function MatchTag({ match }: { match: ContactMatch }) {
  const label = matchedLabel(match);
  if (match.confidence === "suggested") return <Tag look="outlined" icon={<CircleDashed aria-hidden />}>{m.desk_match_suggested({ why: whyWords(match.why) })}</Tag>;
  return <Tag icon={<CircleCheck aria-hidden />}>{label === null ? m.desk_match_exact() : m.desk_match_exact_of({ label })}</Tag>;
}

function whyWords(why: string): string {
  return why === "same_last_digits" ? m.desk_why_last_digits() : why;
}
