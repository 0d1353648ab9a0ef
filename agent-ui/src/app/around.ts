// The browser as the live core needs it: WebSocket, timers, wall clock.
import { frameToken } from "../api/client";
import type { Surroundings } from "../live/socket";

const SUBPROTOCOL = "tieline.v1";
const TAB_KEPT_AS = "tieline.tab";

export const browser: Surroundings = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = window.setTimeout(run, ms);
    return () => window.clearTimeout(timer);
  },
  random: () => Math.random(),
  token: frameToken,
  open: (events) => {
    const address = new URL("/v1/stream", window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address, SUBPROTOCOL);
    socket.addEventListener("open", () => events.opened());
    socket.addEventListener("message", (message) => typeof message.data === "string" && events.heard(message.data));
    socket.addEventListener("close", (closed) => events.closed(closed.code));
    return { send: (text) => socket.send(text), close: () => socket.close() };
  },
};

/** Names this tab to the server; a reload keeps the name, a duplicated tab gets its own. */
export function tabName(): string {
  const [entry] = performance.getEntriesByType("navigation");
  const isReload = entry instanceof PerformanceNavigationTiming && entry.type === "reload";
  const kept = isReload ? sessionStorage.getItem(TAB_KEPT_AS) : null;
  const name = kept ?? crypto.randomUUID();
  sessionStorage.setItem(TAB_KEPT_AS, name);
  return name;
}
