import { Check, OctagonAlert, TriangleAlert } from "lucide-react";
import type { QueueAlert } from "../api/types";
import { useNow } from "../app/hooks";
import { Timer } from "../app/Timer";
import { clockWithSeconds, duration } from "../domain/format";
import { isBad, lastsFrom } from "../domain/queueAlerts";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { queueAlertTitle } from "./alertWords";
import css from "./Live.module.css";

interface QueueAlertRowProps {
  alert: QueueAlert;
  /** When it was read. */
  readAt: number;
  /** Shows who works there; none where nobody is shown. */
  onQueue?: (queue: string) => void;
}

/** A queue beyond a limit of its own, or back again. */
export function QueueAlertRow({ alert, readAt, onQueue }: QueueAlertRowProps) {
  const title = queueAlertTitle(alert);
  const isOver = Boolean(alert.ended_at);
  const Icon = isOver ? Check : isBad(alert) ? OctagonAlert : TriangleAlert;
  return (
    <li className={css.alert} data-tone={isOver ? undefined : isBad(alert) ? "bad" : "warn"} data-kind={alert.matter} data-over={isOver || undefined}>
      <Icon aria-hidden className={css.alertIcon} />
      <span className={css.alertWords}>
        <span className={css.alertTitle}>{title}</span>
        <span className={css.alertMore}>{isOver ? <Over alert={alert} /> : <Lasting alert={alert} readAt={readAt} />}</span>
      </span>
      {!isOver && onQueue !== undefined && <Button size="sm" aria-label={`${m.live_members()}: ${title}`} onPress={() => onQueue(alert.queue)}>{m.live_members()}</Button>}
    </li>
  );
}

function Over({ alert: { raised_at, ended_at } }: { alert: QueueAlert }) {
  const end = Date.parse(ended_at ?? raised_at);
  return m.live_alert_over({ time: clockWithSeconds(end), lasted: duration(end - Date.parse(raised_at)) });
}

function Lasting({ alert, readAt }: { alert: QueueAlert; readAt: number }) {
  const now = useNow();
  const from = lastsFrom(alert, readAt);
  const figure = from !== null ? <>{alert.matter === "longest_wait" ? m.live_alert_waits() : m.live_alert_lasts()} <Timer since={from} /> · </> : null;
  return <>{figure ?? <Value alert={alert} />}<time aria-live="off">{m.live_ago({ time: duration(now - Date.parse(alert.raised_at)) })}</time></>;
}

function Value({ alert: { matter, value } }: { alert: QueueAlert }) {
  if (value === null || value === undefined) return null;
  return `${m.live_alert_now({ value: matter === "level" ? `${value}\u00A0%` : value })} · `;
}
