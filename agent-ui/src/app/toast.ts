// Short messages for what has no place of its own. Not stacked: the newest few, each for a while.

export type ToastKind = "good" | "info" | "warn" | "bad";

export interface ToastWish {
  kind: ToastKind;
  title: string;
  text?: string;
  action?: { label: string; run: () => void } | { label: string; href: string };
  /** A message with the same key replaces the earlier one. */
  key?: string;
}

export interface ToastShown extends ToastWish {
  id: number;
}

const SHOWN_MOST = 3;
const GONE_AFTER_MS = 6_000;
/** What went wrong or can be acted on stays longer. */
const GONE_LATER_MS = 15_000;

let shown: readonly ToastShown[] = [];
let count = 0;
const listeners = new Set<() => void>();
const timers = new Map<number, number>();

function set(next: readonly ToastShown[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

export function toast(wish: ToastWish): void {
  count += 1;
  const id = count;
  const others = shown.filter((one) => wish.key === undefined || one.key !== wish.key);
  set([...others, { ...wish, id }].slice(-SHOWN_MOST));
  wait(id);
}

function wait(id: number): void {
  const wish = shown.find((one) => one.id === id);
  if (wish === undefined) return;
  const isLong = wish.kind === "bad" || wish.kind === "warn" || wish.action !== undefined;
  timers.set(id, window.setTimeout(() => toasts.close(id), isLong ? GONE_LATER_MS : GONE_AFTER_MS));
}

export const toasts = {
  get: (): readonly ToastShown[] => shown,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  close: (id: number): void => {
    window.clearTimeout(timers.get(id));
    timers.delete(id);
    set(shown.filter((one) => one.id !== id));
  },
  /** While the pointer or the focus is on it, it stays. */
  hold: (id: number): void => window.clearTimeout(timers.get(id)),
  release: (id: number): void => wait(id),
};
