// Small things that this browser keeps; who shows them hears of a change, also by another tab.
const listeners = new Set<() => void>();

export const kept = {
  get: (key: string): string | null => localStorage.getItem(key),
  /** Keeps a text, or forgets it by `null`. */
  set: (key: string, text: string | null): void => {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    window.addEventListener("storage", listener);
    return () => {
      listeners.delete(listener);
      window.removeEventListener("storage", listener);
    };
  },
};
