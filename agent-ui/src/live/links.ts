/** The hops between this page and the phones, for the link lights. */
import type { LiveState } from "./store";

export type HopState = "up" | "off" | "failing";

export interface Hop {
  /** `browser`, `server`, or the id of a switch. */
  id: string;
  /** Name of the switch. */
  name: string | null;
  state: HopState;
  /** Since when, in ms: server time for switches, this computer's for the others. */
  since: number | null;
  /** Last sign of life, in ms. */
  lastEventAt: number | null;
  reason: string | null;
}

/** Browser, server, then each switch. Beyond a broken hop nothing is known: the hops behind it are off. */
export function hopsOf(state: LiveState, isOnline: boolean): Hop[] {
  const { connection } = state;
  const isOpen = connection.phase === "open";
  const isOff = connection.phase === "off";
  const browser: Hop = {
    id: "browser",
    name: null,
    state: isOnline ? "up" : "failing",
    since: null,
    lastEventAt: null,
    reason: isOnline ? null : "offline",
  };
  const server: Hop = {
    id: "server",
    name: null,
    state: isOpen ? "up" : isOff ? "off" : "failing",
    since: connection.since,
    lastEventAt: connection.heardAt,
    reason: isOpen ? null : connection.cause,
  };
  const switches = [...state.parts.links.items.values()].map<Hop>((link) => ({
    id: link.switch,
    name: link.name,
    state: !isOpen ? "off" : link.state === "up" ? "up" : "failing",
    since: Date.parse(link.since),
    lastEventAt: link.state === "never" ? null : Date.parse(link.last_event_at),
    reason: link.reason ?? null,
  }));
  return [browser, server, ...switches.toSorted((a, b) => (a.name ?? "").localeCompare(b.name ?? ""))];
}

/** One light for all switches: failing when any fails, off when there is none. */
export function worstOf(hops: readonly Pick<Hop, "state">[]): HopState {
  if (hops.some((hop) => hop.state === "failing")) return "failing";
  return hops.length > 0 && hops.every((hop) => hop.state === "up") ? "up" : "off";
}

/** The switch of this id is known to be out of reach, while the server is there. */
export function isSwitchDown(state: LiveState, id: string | undefined): boolean {
  const link = id === undefined ? undefined : state.parts.links.items.get(id);
  return link !== undefined && link.state !== "up";
}
