// What the person chose on this desk; bar, list, stage and tools read it. Not state of the switch, so it lives here.
import { useSyncExternalStore } from "react";

export interface DeskChoice {
  /** The call opened by hand, and the calls that were live then; null: the stage follows what happens. */
  chosen: { call: string; amid: readonly string[] } | null;
  /** Calls that were put away: the stage does not keep them any longer. */
  closed: readonly string[];
  /** The call whose transfer panel is open. */
  transfer: string | null;
}

const CLOSED_KEPT = 50;

let choice: DeskChoice = { chosen: null, closed: [], transfer: null };
/** Live calls of the person, told by the stage; a choice holds until one comes that is not among them. */
let present: readonly string[] = [];
const listeners = new Set<() => void>();

function set(change: Partial<DeskChoice>): void {
  choice = { ...choice, ...change };
  for (const listener of listeners) listener();
}

export const desk = {
  get: (): DeskChoice => choice,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** Shows a call on the stage; null lets the stage follow again. */
  chooseCall: (call: string | null): void => set({ chosen: call === null ? null : { call, amid: present } }),
  /** Puts an ended call or the card of a ringing one away. */
  close: (call: string): void => set({ chosen: null, closed: [...choice.closed.filter((one) => one !== call), call].slice(-CLOSED_KEPT) }),
  /** The call rings again: what was put away comes back. */
  comesBack: (call: string): void => {
    if (choice.closed.includes(call)) set({ closed: choice.closed.filter((one) => one !== call) });
  },
  openTransfer: (call: string): void => set({ transfer: call, chosen: { call, amid: present } }),
  closeTransfer: (): void => set({ transfer: null }),
  toggleTransfer: (call: string): void => (choice.transfer === call ? desk.closeTransfer() : desk.openTransfer(call)),
  /** The stage tells which calls are live. */
  present: (calls: readonly string[]): void => {
    present = calls;
  },
};

export function useDesk(): DeskChoice {
  return useSyncExternalStore(desk.subscribe, desk.get);
}
