// Sentences for screen readers; the regions stand in the layout all the time.

export type Politeness = "polite" | "assertive";

export interface Announcements {
  polite: string;
  assertive: string;
}

let said: Announcements = { polite: "", assertive: "" };
const listeners = new Set<() => void>();

/** Has a sentence read out. The same sentence twice is two sentences. */
export function announce(text: string, politeness: Politeness = "polite"): void {
  const again = said[politeness] === text ? `${text}\u00a0` : text;
  said = { ...said, [politeness]: again };
  for (const listener of listeners) listener();
}

export const announcements = {
  get: (): Announcements => said,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
