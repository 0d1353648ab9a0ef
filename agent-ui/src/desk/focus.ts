// Which call the stage shows. Pure: the same picture and the same choice give the same call.

export interface FocusInput {
  /** Calls in which I take part, oldest first. */
  engaged: readonly string[];
  /** Calls that ring at me or whose card has just been taken back, oldest first. */
  ringing: readonly string[];
  /** The call of my wrap-up. */
  wrapUp: string | null;
  /** Opened by hand, and the calls that were there then. */
  chosen: { call: string; amid: readonly string[] } | null;
  /** False while the browser or the switch is not heard: what is missing may still be there. */
  isSettled: boolean;
}

export interface Shown {
  call: string;
  /** I took part in it while it was shown; its note may be half written. */
  wasEngaged: boolean;
  byHand: boolean;
}

/** What to show next, from what is shown now. */
export function nextShown(now: Shown | null, input: FocusInput): Shown | null {
  const { engaged, ringing, wrapUp, chosen, isSettled } = input;
  const show = (call: string, byHand = false): Shown => ({
    call,
    byHand,
    wasEngaged: engaged.includes(call) || wrapUp === call || (now?.call === call && now.wasEngaged),
  });
  // A choice holds until a call comes that was not there when it was made.
  if (chosen !== null && ![...engaged, ...ringing].some((call) => call !== chosen.call && !chosen.amid.includes(call))) return show(chosen.call, true);
  const kept = now !== null && !now.byHand ? now.call : null;
  if (kept !== null && engaged.includes(kept)) return show(kept);
  const [talk] = engaged;
  if (talk !== undefined) return show(talk);
  if (kept !== null && ringing.includes(kept)) return show(kept);
  const [ring] = ringing;
  if (ring !== undefined) return show(ring);
  if (kept !== null && (!isSettled || kept === wrapUp)) return show(kept);
  if (wrapUp !== null) return show(wrapUp);
  // The end of a call takes nothing from under the pen: it goes when it is closed or another one comes.
  return kept !== null && now?.wasEngaged === true ? show(kept) : null;
}

export const isSameShown = (a: Shown | null, b: Shown | null): boolean =>
  a === b || (a !== null && b !== null && a.call === b.call && a.wasEngaged === b.wasEngaged && a.byHand === b.byHand);
