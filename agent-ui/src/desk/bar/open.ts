// Parts of the bar that a shortcut opens.
import { useSyncExternalStore } from "react";

let stateMenu = false;
let asked = 0;
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const bar = {
  setStateMenu: (open: boolean): void => {
    stateMenu = open;
    tell();
  },
  /** Wants the cursor in the dial field. */
  dial: (): void => {
    asked += 1;
    tell();
  },
};

export const useStateMenu = (): boolean => useSyncExternalStore(subscribe, () => stateMenu);
/** Another number each time somebody asks for the dial field. */
export const useDialAsked = (): number => useSyncExternalStore(subscribe, () => asked);
