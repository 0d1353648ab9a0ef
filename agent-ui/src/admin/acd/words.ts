import { m } from "../../i18n/generated/messages.js";
import { DAYS } from "./forms";

/** How a queue chooses, with the sentence that explains it. */
export function methodWords(method: string): { name: string; text: string } {
  switch (method) {
    case "all_skills":
      return { name: m.acd_method_all_skills(), text: m.acd_method_all_skills_text() };
    case "best_skills":
      return { name: m.acd_method_best_skills(), text: m.acd_method_best_skills_text() };
    case "fewest_calls":
      return { name: m.acd_method_fewest_calls(), text: m.acd_method_fewest_calls_text() };
    case "linear":
      return { name: m.acd_method_linear(), text: m.acd_method_linear_text() };
    default:
      return { name: m.acd_method_longest_idle(), text: m.acd_method_longest_idle_text() };
  }
}

export function dayWord(day: (typeof DAYS)[number]): string {
  const words = { monday: m.acd_monday, tuesday: m.acd_tuesday, wednesday: m.acd_wednesday, thursday: m.acd_thursday, friday: m.acd_friday, saturday: m.acd_saturday, sunday: m.acd_sunday };
  return words[day]();
}
