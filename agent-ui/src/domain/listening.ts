// Who hears which call: told by the switch alone, never by a button.
import type { LogEvent } from "../live/frames";

/** How a phone hears a call; null where the switch does not say. */
export type HearingMode = "listen" | "whisper" | "barge_in" | null;

export interface Hearing {
  call: string;
  mode: HearingMode;
}

type Told = Pick<LogEvent, "type" | "data" | "subject">;

const isMode = (mode: unknown): mode is Exclude<HearingMode, null> => mode === "listen" || mode === "whisper" || mode === "barge_in";

/** What a phone hears after one more event; what is about other phones changes nothing. */
export function hearingAfter(now: Hearing | null, event: Told, device: string): Hearing | null {
  const { by, mode } = event.data;
  const call = event.data.call ?? event.subject;
  if (event.type === "call.ended") return now !== null && call === now.call ? null : now;
  if (by !== device || typeof call !== "string") return now;
  if (event.type === "call.observed") return { call, mode: isMode(mode) ? mode : null };
  return event.type === "call.observation_ended" && now?.call === call ? null : now;
}

/** What the facts of one call say that a phone hears of it. */
export function hearingOf(facts: readonly Told[], device: string): Hearing | null {
  return facts.reduce<Hearing | null>((now, fact) => hearingAfter(now, fact, device), null);
}
