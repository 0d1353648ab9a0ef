// Text that a person has begun: kept in this browser until it is saved, shared by its tabs.
import { useSyncExternalStore } from "react";

const PREFIX = "tieline.draft.";
/** Whose drafts are read and written; another person at this browser never meets them. */
let owner = "";
/** What the browser would not keep (storage full): it lives as long as the page. */
const unkept = new Map<string, string>();
const place = (key: string): string => `${PREFIX}${owner}.${key}`;
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

window.addEventListener("storage", (event) => event.key?.startsWith(PREFIX) && changed());

export const drafts = {
  belongTo: (person: string): void => {
    owner = person;
    changed();
  },
  get: (key: string): string => unkept.get(place(key)) ?? localStorage.getItem(place(key)) ?? "",
  set: (key: string, text: string): void => {
    unkept.delete(place(key));
    try {
      if (text === "") localStorage.removeItem(place(key));
      else localStorage.setItem(place(key), text);
    } catch {
      unkept.set(place(key), text);
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
