import { useState } from "react";
import type { SwitchView } from "../../api/types";
import { freshSecret } from "./snippetTexts";
import { draftOf, NEW_SWITCH, type SwitchDraft } from "./switchForm";

/** Name of the form that adds a switch. */
export const NEW = "new";

interface Typed {
  draft: SwitchDraft;
  /** The version that it was typed over: what came meanwhile is not overwritten silently. */
  version: number;
}

/** Forms by switch: going to another switch and back keeps what was typed. */
export function useDrafts() {
  const [drafts, setDrafts] = useState<Readonly<Record<string, Typed>>>({});
  // A new switch starts with secrets for its two users: one step less for a person.
  const [fresh] = useState<SwitchDraft>(() => ({ ...NEW_SWITCH, password: freshSecret(), password_actions: freshSecret() }));
  return {
    /** The form as typed, or as the switch is. */
    of: (key: string, view: SwitchView | undefined): SwitchDraft => drafts[key]?.draft ?? (view ? draftOf(view) : fresh),
    versionOf: (key: string, view: SwitchView): number => drafts[key]?.version ?? view.version,
    isDirty: (key: string) => key in drafts,
    set: (key: string, draft: SwitchDraft, version: number) => setDrafts((all) => ({ ...all, [key]: { draft, version: all[key]?.version ?? version } })),
    drop: (key: string) => setDrafts((all) => Object.fromEntries(Object.entries(all).filter(([one]) => one !== key))),
  };
}

export type Drafts = ReturnType<typeof useDrafts>;
