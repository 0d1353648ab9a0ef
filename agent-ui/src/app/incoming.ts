// A call announces itself: sentence, sound, title, notification, window. Never by taking the focus.
import { useEffect, useRef } from "react";
import { desk } from "../desk/desk";
import { exactMatch } from "../domain/contacts";
import { clock, partyName, phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import type { PopOpen, PopView } from "../live/frames";
import type { LiveState } from "../live/store";
import type { Live } from "../live/live";

import { announce } from "./announce";
import { useLive, useLiveClient, usePreferences } from "./hooks";
import { notify, openWindow, unnotify } from "./notify";
import { ringer, unlockByGesture } from "./sound";
import { pageTitle } from "./title";
import { toast } from "./toast";

/** How long a card may ring that the calls say nothing of. */
const RINGS_AT_MOST_MS = 60_000;
/** A shorter interruption is not worth a sentence. */
const WORTH_A_WORD_MS = 2_000;

const nameOf = (pop: PopView): string => partyName(pop.calling, exactMatch(pop));

/** The oldest card whose call still rings. */
export function ringingPop(state: LiveState, now: number): PopView | undefined {
  const pops = [...state.parts.pops.items.values()].filter((pop) => pop.state === "active");
  return pops.toSorted((a, b) => a.at.localeCompare(b.at)).find((pop) => {
    const call = state.parts.calls.items.get(pop.call);
    if (call === undefined) return now - Date.parse(pop.at) < RINGS_AT_MOST_MS;
    return call.legs.some((leg) => leg.state === "alerting" && (pop.device === null || pop.device === undefined || leg.device === pop.device));
  });
}

export function useIncoming(): void {
  const live = useLiveClient();
  const { preferences } = usePreferences();
  const wanted = useRef(preferences);
  wanted.current = preferences;
  useEffect(unlockByGesture, []);
  useEffect(
    () =>
      live.on((signal) => {
        if (signal.kind === "pop_show") desk.comesBack(signal.pop.call);
        if (signal.kind === "pop_show") show(live, signal.pop, wanted.current.notifications);
        if (signal.kind === "pop_retract") retract(signal.pop);
        if (signal.kind === "pop_open") open(live, signal.pop, signal.open);
        if (signal.kind === "back" && signal.downMs > WORTH_A_WORD_MS) toast({ kind: "good", key: "back", title: m.back_title(), text: m.back_text({ count: signal.caughtUp }) });
        if (signal.kind === "slept") toast({ kind: "info", key: "slept", title: m.slept_title({ from: clock(signal.from), to: clock(signal.to) }) });
      }),
    [live],
  );
  const ringing = useLive((state) => ringingPop(state, live.clock.now()));
  const isMine = useLive((state) => state.lease === "granted");
  const call = ringing?.call;
  useEffect(() => {
    if (call === undefined) return;
    return () => unnotify(call);
  }, [call]);
  useEffect(() => {
    pageTitle.calling(ringing === undefined ? null : nameOf(ringing));
  }, [ringing]);
  const sounds = call !== undefined && isMine && preferences.sound;
  useEffect(() => {
    if (!sounds) return;
    ringer.start();
    return ringer.stop;
  }, [sounds]);
}

function show(live: Live, pop: PopView, mayNotify: boolean): void {
  // A card of a call that I make myself announces nothing.
  if (pop.direction === "outbound") return;
  const name = nameOf(pop);
  const queue = pop.queue_name;
  announce(queue ? m.incoming_alert_queue({ name, queue }) : m.incoming_alert({ name }), "assertive");
  if (!mayNotify || !document.hidden || live.getState().lease !== "granted") return;
  const number = phone(pop.calling.number);
  notify(pop.call, queue ? m.incoming_title_queue({ queue }) : m.incoming_title(), number === name ? name : `${name}\n${number}`);
}

function retract(pop: PopView): void {
  unnotify(pop.call);
  // At the end of my own call there is nothing to say: I was there.
  if (pop.reason === "ended") return;
  announce(m.incoming_retracted({ name: nameOf(pop) }));
}

function open(live: Live, pop: PopView, wish: PopOpen): void {
  const isOpen = openWindow(wish.url, wish.window);
  live.popOpened(pop.id, isOpen);
  if (isOpen) return;
  toast({
    kind: "warn",
    key: `pop:${pop.id}`,
    title: m.pop_blocked_title(),
    text: m.pop_blocked_text(),
    action: { label: m.pop_blocked_open(), run: () => void openWindow(wish.url, wish.window) },
  });
}
