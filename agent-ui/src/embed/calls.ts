// From the calls of the stream to what the page around is told of them: offered, answered, ended, each once. Pure.
import type { CallDetail, ContactView } from "../api/types";
import { linesOf } from "../desk/bar/lines";
import { isMineOut, type Mine, myLeg } from "../desk/legs";
import type { DeskMessages, EmbedCall, EmbedContact, Outcome } from "./protocol";

/** Calls remembered after their end. */
const REMEMBERED = 200;
/** Logs that may change still. */
const LOGS_KEPT = 20;

export type Told =
  | { type: "call.offered" | "call.answered"; call: CallDetail; resumed: boolean }
  | { type: "call.ended"; call: CallDetail; outcome: Outcome };

interface Known {
  call: CallDetail;
  answeredAt: string | null;
  isAnswered: boolean;
}

/** Follows the calls of one person. */
export class CallWatch {
  readonly #known = new Map<string, Known>();
  readonly #ended = new Set<string>();
  #isFirst = true;

  /** Looks at the calls as they are now; what has become of them since the last look. `ready`: the picture is whole. */
  look(calls: readonly CallDetail[], mine: Mine, nowMs: number, ready = true): Told[] {
    if (!ready) return [];
    const told: Told[] = [];
    const resumed = this.#isFirst;
    this.#isFirst = false;
    const lines = new Map(linesOf([...calls], mine).map((line) => [line.call.id, line]));
    for (const [id, known] of this.#known) {
      if (lines.has(id)) continue;
      this.#known.delete(id);
      this.#remember(id);
      const last = calls.find((call) => call.id === id) ?? known.call;
      told.push({ type: "call.ended", call: last, outcome: outcomeOf(known, last, mine, nowMs) });
    }
    for (const [id, { call, phase }] of lines) {
      const before = this.#known.get(id);
      const isTalking = phase === "talking" || phase === "held";
      const answeredAt = before?.answeredAt ?? (isTalking ? answeredAtOf(call, mine, nowMs) : null);
      this.#known.set(id, { call, answeredAt, isAnswered: (before?.isAnswered ?? false) || isTalking });
      // What comes back after it was over for the person is no new call.
      const isOld = resumed || this.#ended.has(id);
      if (before === undefined) told.push({ type: "call.offered", call, resumed: isOld });
      if (isTalking && before?.isAnswered !== true) told.push({ type: "call.answered", call, resumed: isOld });
    }
    return told;
  }

  #remember(id: string): void {
    this.#ended.add(id);
    const [oldest] = this.#ended;
    if (this.#ended.size > REMEMBERED && oldest !== undefined) this.#ended.delete(oldest);
  }
}

/** Who dials talks from the answer of the other end on; who is called, from the own answer on. */
function answeredAtOf(call: CallDetail, mine: Mine, nowMs: number): string {
  const leg = myLeg(call, mine);
  const at = leg?.side === "originator" ? call.answered_at : (leg?.answered_at ?? call.answered_at);
  return at ?? iso(nowMs);
}

function outcomeOf(known: Known, last: CallDetail, mine: Mine, nowMs: number): Outcome {
  const endedAt = myLeg(last, mine)?.ended_at ?? last.ended_at ?? iso(nowMs);
  const duration = known.answeredAt === null ? 0 : Math.max(0, Math.round(Date.parse(endedAt) - Date.parse(known.answeredAt)));
  return { answered: known.isAnswered, answered_at: known.answeredAt, ended_at: endedAt, duration_ms: duration };
}

const iso = (ms: number): string => new Date(ms).toISOString();

export interface Around {
  extension: string | null;
  /** The contact of the call, or the only exact match. */
  contact: ContactView | null;
  queueName: string | null;
  /** How the desk names the other end. */
  name: string;
}

/** A call as the page around learns it. */
export function embedCall(call: Pick<CallDetail, "id" | "direction" | "calling" | "dialled" | "started_at">, { extension, contact, queueName, name }: Around): EmbedCall {
  const isOut = isMineOut(call, extension);
  const other = isOut ? { withheld: false, number: call.dialled ?? null } : call.calling;
  return {
    id: call.id,
    direction: isOut ? "outbound" : call.direction === "internal" ? "internal" : "inbound",
    number: numberOf(other.number),
    withheld: other.withheld,
    name: name.slice(0, 200),
    dialled: numberOf(call.dialled),
    queue: queueName?.slice(0, 200) ?? null,
    started_at: call.started_at,
    contact: contact === null ? null : embedContact(contact),
  };
}

function embedContact(contact: ContactView): EmbedContact {
  return {
    id: contact.id,
    name: contact.name.slice(0, 200),
    company: contact.company?.slice(0, 200) ?? null,
    external_ids: contact.external_ids.slice(0, 20).map(({ system, id }) => ({ system: system.slice(0, 80), id: id.slice(0, 120) })),
  };
}

function numberOf(number: { e164?: string | null; raw: string } | null | undefined): string | null {
  return (number?.e164 ?? number?.raw)?.slice(0, 64) ?? null;
}

/** One log per call and revision: at its end, and again when its note has changed since. */
export class LogBook {
  readonly #logs = new Map<string, DeskMessages["call.log"]>();

  /** The log of a call that ended just now, for the first time or, when it had come back, once more. */
  ended(log: Omit<DeskMessages["call.log"], "revision">): DeskMessages["call.log"] {
    return this.#keep({ ...log, revision: (this.#logs.get(log.call.id)?.revision ?? 0) + 1 });
  }

  /** The log again, when this says something new; null otherwise. */
  again(call: string, change: { note: string; category: string | null }): DeskMessages["call.log"] | null {
    const known = this.#logs.get(call);
    if (known === undefined || (known.note === change.note && known.category === change.category)) return null;
    return this.#keep({ ...known, ...change, revision: known.revision + 1 });
  }

  /** Calls whose log may change still. */
  calls(): string[] {
    return [...this.#logs.keys()];
  }

  #keep(log: DeskMessages["call.log"]): DeskMessages["call.log"] {
    this.#logs.delete(log.call.id);
    this.#logs.set(log.call.id, log);
    const [oldest] = this.#logs.keys();
    if (this.#logs.size > LOGS_KEPT && oldest !== undefined) this.#logs.delete(oldest);
    return log;
  }
}
