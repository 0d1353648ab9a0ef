// Which leg of a call is mine, and what it does. Pure.
import type { components } from "../api/generated/rest";
import type { CallDetail } from "../api/types";

export type LegView = components["schemas"]["LegView"];
type PartyView = components["schemas"]["PartyView"];

export interface Mine {
  user: string | null | undefined;
  agent: string | null | undefined;
  device: string | null | undefined;
}

const is = (one: string | null | undefined, other: string | null | undefined): boolean => one !== null && one !== undefined && one === other;

export const isMyLeg = (leg: LegView, mine: Mine): boolean => is(leg.device, mine.device) || is(leg.agent, mine.agent) || is(leg.user, mine.user);

/** My leg that lives, or the last one that did. */
export function myLeg(call: CallDetail, mine: Mine): LegView | undefined {
  const legs = call.legs.filter((leg) => isMyLeg(leg, mine));
  return legs.findLast((leg) => !isOver(leg)) ?? legs.at(-1);
}

const isOver = (leg: LegView): boolean => leg.state === "null" || (leg.ended_at !== null && leg.ended_at !== undefined);

/** It rings here and nobody has answered here. */
export function ringsHere(call: CallDetail, mine: Mine): boolean {
  return call.state === "live" && myLeg(call, mine)?.state === "alerting";
}

/** I take part: talking, holding, or dialling out. */
export function isEngaged(call: CallDetail, mine: Mine): boolean {
  if (call.state !== "live") return false;
  const leg = myLeg(call, mine);
  return leg !== undefined && !isOver(leg) && leg.state !== "alerting" && leg.state !== "queued";
}

/** I ever took part: answered, or made it. */
export function tookPart(call: CallDetail, mine: Mine): boolean {
  return call.legs.some((leg) => isMyLeg(leg, mine) && (leg.side === "originator" || (leg.answered_at !== null && leg.answered_at !== undefined)));
}

export type Direction = "received" | "dialled" | "internal";

interface Ends {
  direction: string;
  calling: PartyView;
  dialled?: components["schemas"]["NumberView"] | null | undefined;
}

/** I am the one who called. */
export function isMineOut(call: Ends, extension: string | null | undefined): boolean {
  if (call.direction === "outbound") return true;
  return call.direction === "internal" && is(call.calling.number?.raw, extension);
}

/** The other end, as a person on this side sees it. */
export function otherParty(call: Ends, extension: string | null | undefined): PartyView {
  if (!isMineOut(call, extension)) return call.calling;
  return { withheld: false, number: call.dialled ?? null };
}
