// Lines of the phone bar: what my phone does in each of its calls. Pure.
import type { CallDetail } from "../../api/types";
import type { StateLook } from "../../domain/states";
import { isMyLeg, type LegView, type Mine } from "../legs";

export type LinePhase = "ringing" | "dialling" | "ringing_out" | "talking" | "held";

export interface Line {
  call: CallDetail;
  leg: LegView;
  phase: LinePhase;
  look: StateLook;
  /** From when its timer counts. */
  since: string;
  /** The other end. */
  party: LegView["party"];
  /** A consultation: my other call is on hold. */
  isConsult: boolean;
}

/** At most so many lines stand in the bar; the card list shows the rest. */
export const LINES_SHOWN = 2;

/** Lines of my phone, oldest first. */
export function linesOf(calls: readonly CallDetail[], mine: Mine): Line[] {
  const lines = calls.flatMap((call) => {
    const leg = call.state === "live" ? livingLeg(call, mine) : undefined;
    return leg === undefined ? [] : [lineOf(call, leg, mine)];
  });
  const holds = lines.some((line) => line.phase === "held");
  return lines.map((line) => ({ ...line, isConsult: holds && line.phase !== "held" && line.leg.side === "originator" }));
}

function livingLeg(call: CallDetail, mine: Mine): LegView | undefined {
  return call.legs.findLast((leg) => isMyLeg(leg, mine) && !["null", "fail", "queued"].includes(leg.state));
}

function lineOf(call: CallDetail, leg: LegView, mine: Mine): Line {
  const others = call.legs.filter((one) => one.id !== leg.id && !isMyLeg(one, mine) && one.state !== "null");
  const phase = phaseOf(leg, others);
  return {
    call,
    leg,
    phase,
    look: lookOf(phase, call),
    since: (phase === "talking" || phase === "held" ? leg.answered_at : null) ?? leg.started_at ?? call.started_at,
    party: partyOf(call, leg, others),
    isConsult: false,
  };
}

function phaseOf(leg: LegView, others: readonly LegView[]): LinePhase {
  if (leg.state === "alerting") return "ringing";
  if (leg.state === "hold") return "held";
  if (leg.state === "initiated") return "dialling";
  if (leg.side !== "originator" || others.some((one) => one.state === "connected" || one.state === "hold" || one.state === "queued")) return "talking";
  if (others.some((one) => one.state === "alerting")) return "ringing_out";
  return others.length === 0 || others.some((one) => one.state === "initiated") ? "dialling" : "talking";
}

function lookOf(phase: LinePhase, call: CallDetail): StateLook {
  if (phase === "ringing") return "ringing";
  if (phase === "held") return "hold";
  return call.queue === null || call.queue === undefined ? "talking_direct" : "talking";
}

/** Who called is the other end, unless it was me. */
function partyOf(call: CallDetail, leg: LegView, others: readonly LegView[]): LegView["party"] {
  if (leg.side !== "originator") return call.calling;
  const answered = others.find((one) => one.state === "connected" || one.state === "hold") ?? others[0];
  if (answered !== undefined && (answered.party.name || answered.party.number)) return answered.party;
  return { withheld: false, ...(call.dialled ? { number: call.dialled } : {}) };
}

/** The line that shortcuts mean: talking before dialling before ringing before held. */
export function currentLine(lines: readonly Line[]): Line | undefined {
  const order: LinePhase[] = ["talking", "ringing_out", "dialling", "ringing", "held"];
  return order.map((phase) => lines.find((line) => line.phase === phase)).find((line) => line !== undefined);
}

/** The lines that get a place: the oldest, but never without the current one. */
export function shownLines(lines: readonly Line[]): Line[] {
  const first = lines.slice(0, LINES_SHOWN);
  const current = currentLine(lines);
  if (current === undefined || first.includes(current)) return first;
  return [...first.slice(0, LINES_SHOWN - 1), current];
}
