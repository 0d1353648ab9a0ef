// An alert as a sentence, and what stands under it.
import type { QueueAlert } from "../api/types";
import type { Raised } from "../domain/alerts";
import { duration } from "../domain/format";
import type { Tile } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";

export interface Named {
  tile: Tile | undefined;
  queue: string;
}

export function alertTitle(alert: Raised, { tile, queue }: Named): string {
  const name = tile?.name ?? "–";
  const limit = duration(alert.limitMs ?? 0);
  switch (alert.kind) {
    case "wait_over":
      return m.live_alert_wait({ queue, limit });
    case "call_over":
      return m.live_alert_call({ name, limit });
    case "pause_over":
      return m.live_alert_pause({ name, pause: tile?.word ?? "–", limit });
    case "not_answering":
      return m.live_alert_not_answering({ name });
    case "unreachable":
      return m.live_alert_unreachable({ name });
    case "agents_left":
      return alert.left === 0 ? m.live_alert_none_left({ queue }) : m.live_alert_left({ queue, count: alert.left ?? 0 });
  }
}

/** Before the time that the matter lasts; null where its time says nothing. */
export function lastsWord(alert: Raised): string | null {
  if (alert.kind === "wait_over") return m.live_alert_waits();
  return alert.limitMs === null ? null : m.live_alert_lasts();
}

/** A queue beyond a limit of its own, as a sentence. */
export function queueAlertTitle({ queue_name: queue, matter, limit }: QueueAlert): string {
  switch (matter) {
    case "longest_wait":
      return m.live_alert_wait({ queue, limit: duration(limit) });
    case "longest_talk":
      return m.live_alert_talk({ queue, limit: duration(limit) });
    case "waiting":
      return m.live_alert_waiting({ queue, count: limit });
    case "ready":
      return m.live_alert_ready({ queue, count: limit });
    case "level":
      return m.live_alert_level({ queue, percent: limit });
    case "unattended":
      return m.live_alert_unattended({ queue });
    default:
      return `${queue}: ${matter}`;
  }
}
