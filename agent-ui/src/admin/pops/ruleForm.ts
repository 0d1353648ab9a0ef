import type { PopRule } from "../../api/types";
import { templateFault } from "./template";

export type RuleDraft = Omit<PopRule, "id" | "version">;

export const NEW_RULE: RuleDraft = {
  name: "",
  active: true,
  queue: null,
  direction: "inbound",
  scope: "external",
  trigger: "alerting",
  url_template: "https://",
  window: "tieline-pop",
};

export function ruleDraftOf(rule: PopRule): RuleDraft {
  const { name, active, queue, direction, scope, trigger, url_template, window } = rule;
  return { name, active, queue: queue ?? null, direction, scope, trigger, url_template, window };
}

/** What the window names of a rule may hold: one word, so that the same window is used again. */
export function ruleFaults(draft: RuleDraft): { name?: "missing"; window?: "window_form"; url_template?: ReturnType<typeof templateFault> } {
  const template = templateFault(draft.url_template);
  return {
    ...(draft.name.trim() === "" && { name: "missing" as const }),
    ...(!/^[A-Za-z0-9_-]{1,64}$/.test(draft.window) && { window: "window_form" as const }),
    ...(template !== null && { url_template: template }),
  };
}
