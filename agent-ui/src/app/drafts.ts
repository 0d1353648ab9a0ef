// Text that a person has begun: kept in this browser until it is saved, shared by its tabs.
import { useSyncExternalStore } from "react";

const PREFIX = "tieline.draft.";
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

window.addEventListener("storage", (event) => event.key?.startsWith(PREFIX) && changed());

export const drafts = {
  get: (key: string): string => localStorage.getItem(PREFIX + key) ?? "",
  set: (key: string, text: string): void => {
    try {
      if (text === "") localStorage.removeItem(PREFIX + key);
      else localStorage.setItem(PREFIX + key, text);
    } catch {
      // Storage is full: the text stays on the screen, only a reload would lose it.
    }
    changed();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export type Draft = readonly [text: string, set: (text: string) => void, more: { clear: () => void }];

/** The draft of a key, for example `note:call_…`. */
export function useDraft(key: string): Draft {
  const text = useSyncExternalStore(drafts.subscribe, () => drafts.get(key));
  return [text, (next) => drafts.set(key, next), { clear: () => drafts.set(key, "") }];
}
