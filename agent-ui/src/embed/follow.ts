// Tells the page around the frame what becomes of the calls of the signed-in person.
import { queryClient } from "../app/query";
import type { CallDetail, PopView } from "../api/types";
import type { MeView } from "../app/context";
import { drafts } from "../app/drafts";
import { desk } from "../desk/desk";
import { otherParty } from "../desk/legs";
import { notes } from "../desk/tools/note";
import { exactMatch } from "../domain/contacts";
import { partyName } from "../domain/format";
import type { Live, Signal } from "../live/live";
import type { LiveState } from "../live/store";
import { CallWatch, embedCall, LogBook, type Told } from "./calls";
import { guest, stand } from "./host";
import type { EmbedCall } from "./protocol";

/** Cards remembered as shown by the page around. */
const POPPED_KEPT = 200;
const NOTE_LONGEST = 4_000;

/** Follows the stream until it is stopped. */
export function follow(live: Live, me: MeView): () => void {
  const follower = new Follower(live, me);
  const stops = [live.subscribe(follower.look), live.on(follower.hear), notes.subscribe(follower.written), queryClient.getQueryCache().subscribe(follower.read)];
  follower.look();
  return () => {
    for (const stop of stops) stop();
  };
}

class Follower {
  readonly #live: Live;
  readonly #me: MeView;
  readonly #watch = new CallWatch();
  readonly #logs = new LogBook();
  readonly #popped = new Set<string>();

  constructor(live: Live, me: MeView) {
    this.#live = live;
    this.#me = me;
  }

  look = (): void => {
    const state = this.#live.getState();
    this.#stand(state);
    // What is shown of a broken connection is not what is.
    if (state.connection.phase !== "open") return;
    const { calls, pops } = state.parts;
    const mine = { user: this.#me.user, agent: this.#me.agent, device: this.#device(state)?.id };
    for (const told of this.#watch.look([...calls.items.values()], mine, this.#live.clock.now(), calls.ready)) this.#tell(state, told);
    for (const pop of pops.items.values()) this.#pop(state, pop);
  };

  hear = (signal: Signal): void => {
    if (signal.kind === "pop_show") {
      desk.comesBack(signal.pop.call);
      requestAnimationFrame(() => this.#live.popShown(signal.pop.id));
    }
    if (signal.kind !== "pop_open") return;
    // The page around opens it in the place of a window.
    const state = this.#live.getState();
    guest.tell("screen.pop", { call: this.#ofPop(state, signal.pop), url: signal.open.url.slice(0, 2_048) });
    this.#live.popOpened(signal.pop.id, true);
  };

  /** A note was saved. */
  written = (): void => {
    for (const call of this.#logs.calls()) if (notes.state(call).status === "saved") this.#again(call);
  };

  /** The book of a call was read anew: perhaps it has a category by now. */
  read = ({ query }: { query: { queryKey: readonly unknown[] } }): void => {
    const [kind, call] = query.queryKey;
    if (kind === "calls" && typeof call === "string" && this.#logs.calls().includes(call)) this.#again(call);
  };

  #again(call: string): void {
    if (!this.#isFirst()) return;
    const log = this.#logs.again(call, { note: noteOf(call), category: categoryOf(call) });
    if (log !== null) guest.tell("call.log", log);
  }

  #tell(state: LiveState, told: Told): void {
    const call = this.#of(state, told.call);
    if (told.type !== "call.ended") {
      if (told.resumed) this.#wasPopped(told.call.id);
      return guest.tell(told.type, { call, resumed: told.resumed });
    }
    guest.tell("call.ended", { call, ...told.outcome });
    if (!this.#isFirst() || (!told.outcome.answered && call.direction === "inbound")) return;
    const { id } = told.call;
    guest.tell("call.log", this.#logs.ended({ call, ...told.outcome, note: noteOf(id), category: told.call.disposition?.code ?? categoryOf(id), record: guest.recordOfLog() }));
  }

  /** Who calls is known: the page around shows them, once. */
  #pop(state: LiveState, pop: PopView): void {
    const isDue = pop.state === "active" && pop.direction !== "outbound" && pop.lookup !== null && pop.lookup !== undefined;
    if (!isDue || !this.#isFirst() || this.#popped.has(pop.call)) return;
    this.#wasPopped(pop.call);
    guest.tell("screen.pop", { call: this.#ofPop(state, pop), url: null });
  }

  #wasPopped(call: string): void {
    this.#popped.add(call);
    const [oldest] = this.#popped;
    if (this.#popped.size > POPPED_KEPT && oldest !== undefined) this.#popped.delete(oldest);
  }

  /** Of all desks of this person, this one opens and keeps things. */
  #isFirst(): boolean {
    return this.#live.getState().lease === "granted";
  }

  #of(state: LiveState, call: CallDetail): EmbedCall {
    const pop = [...state.parts.pops.items.values()].find((one) => one.call === call.id);
    const extension = this.#device(state)?.extension ?? null;
    const contact = exactMatch(pop);
    const queueName = call.queue ? (state.parts.queues.items.get(call.queue)?.queue.name ?? null) : null;
    return embedCall(call, { extension, contact, queueName, name: partyName(otherParty(call, extension), call.contact ?? contact) });
  }

  /** The card may come before its call. */
  #ofPop(state: LiveState, pop: PopView): EmbedCall {
    const call = state.parts.calls.items.get(pop.call);
    if (call !== undefined) return this.#of(state, call);
    const early = { id: pop.call, direction: pop.direction, calling: pop.calling, dialled: pop.dialled ?? null, started_at: pop.at };
    const contact = exactMatch(pop);
    return embedCall(early, { extension: null, contact, queueName: pop.queue_name ?? null, name: partyName(pop.calling, contact) });
  }

  #device(state: LiveState) {
    const { items } = state.parts.devices;
    return (this.#me.primary_device ? items.get(this.#me.primary_device) : undefined) ?? [...items.values()].find((one) => one.user !== null && one.user === this.#me.user);
  }

  #stand(state: LiveState): void {
    const agents = [...state.parts.agents.items.values()];
    const agent = agents.find((one) => one.id === this.#me.agent)?.state;
    stand.is({
      signed_in: true,
      connected: state.connection.phase === "open",
      name: this.#me.name,
      extension: this.#device(state)?.extension ?? null,
      agent: agent?.effective ?? null,
      reason: agent?.reason ?? null,
    });
  }
}

const noteOf = (call: string): string => drafts.get(`note:${call}`).trim().slice(0, NOTE_LONGEST);

/** The category that the book has. */
function categoryOf(call: string): string | null {
  const read = queryClient.getQueriesData<CallDetail>({ queryKey: ["calls", call] });
  return read.map(([, found]) => found?.disposition?.code).find((code) => code !== undefined) ?? null;
}
