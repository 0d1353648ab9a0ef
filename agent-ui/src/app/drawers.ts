// Which side pane lies over the stage on narrow screens. On wide ones nothing does, whatever is said here.
import { useSyncExternalStore } from "react";

export type Drawer = "list" | "tools";

let open: Drawer | null = null;
let opener: Element | null = null;
const listeners = new Set<() => void>();

function set(next: Drawer | null): void {
  if (next === open) return;
  if (next !== null) opener = document.activeElement;
  open = next;
  for (const listener of listeners) listener();
  // After a drawer closes, the focus is where it came from.
  if (next === null && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
}

export const drawers = {
  get: (): Drawer | null => open,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  open: (drawer: Drawer): void => set(drawer),
  toggle: (drawer: Drawer): void => set(open === drawer ? null : drawer),
  close: (): void => set(null),
};

export const useDrawer = (): Drawer | null => useSyncExternalStore(drawers.subscribe, drawers.get);

const media = window.matchMedia("(max-width: 79.99rem)");
const onMedia = (listener: () => void): (() => void) => {
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
};

export interface PageDrawers {
  openList(): void;
  openTools(): void;
  close(): void;
  /** Some pane is a drawer at this width. */
  narrow: boolean;
}

export function usePageDrawers(): PageDrawers {
  const narrow = useSyncExternalStore(onMedia, () => media.matches);
  return { openList: () => drawers.open("list"), openTools: () => drawers.open("tools"), close: drawers.close, narrow };
}
