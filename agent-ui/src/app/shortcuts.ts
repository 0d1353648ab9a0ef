// The sheet of shortcuts, opened by `?` or from the menu.
import { useSyncExternalStore } from "react";

let isOpen = false;
const listeners = new Set<() => void>();

export const shortcuts = {
  set: (open: boolean): void => {
    isOpen = open;
    for (const listener of listeners) listener();
  },
  open: (): void => shortcuts.set(true),
};

export const useShortcutsOpen = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isOpen,
  );

/** What a key press means; by place of the key, so that every layout has the same. Alt+Shift writes no letter in any of them. */
export function actionOf(event: Pick<KeyboardEvent, "altKey" | "shiftKey" | "ctrlKey" | "metaKey" | "code">): string | null {
  if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return null;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (digit !== undefined) return `call:${digit}`;
  const letters: Record<string, string> = {
    KeyA: "answer",
    KeyH: "hold",
    KeyT: "transfer",
    KeyK: "clear",
    KeyR: "ready",
    KeyP: "pause",
    KeyW: "finish",
    KeyD: "dial",
  };
  return letters[event.code] ?? null;
}
