import { BellOff, OctagonAlert, TriangleAlert } from "lucide-react";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import type { QueueAlert } from "../api/types";
import { announce } from "../app/announce";
import { useLive, useNow, useReasons } from "../app/hooks";
import { Timer } from "../app/Timer";
import { alertsOf, follow, type Limits, type Raised } from "../domain/alerts";
import { duration } from "../domain/format";
import { queueAlertId, sortAlerts, withoutTold } from "../domain/queueAlerts";
import type { QueueFigures, Tile } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { SectionHead } from "../ui/Pane/Pane";
import { Badge } from "../ui/Tag/Tag";
import { alertTitle, lastsWord, type Named, queueAlertTitle } from "./alertWords";
import { QueueAlertRow } from "./QueueAlertRow";
import { useQueueAlerts } from "./useQueueAlerts";
import css from "./Live.module.css";

interface AlertListProps {
  tiles: readonly Tile[];
  figures: readonly QueueFigures[];
  limits: Limits;
  onAct: (agent: string, anchor: HTMLElement) => void;
  onQueue: (queue: string) => void;
  onLimits: () => void;
}

/**
 * What wants somebody, in the order it came: each is said once, and goes when it is over. The limits of queues are those
 * that everybody is told of; beside them stand the limits of this person. What is over stands below.
 */
export const AlertList = memo(function AlertList({ tiles, figures, limits, onAct, onQueue, onLimits }: AlertListProps) {
  const nameOf = useNames(tiles, figures);
  const queues = useQueueAlerts();
  const read = queues.data;
  const { open: told, over } = useMemo(() => sortAlerts(read?.items ?? [], read?.at ?? 0), [read]);
  useSpoken(read === undefined ? null : told);
  const own = withoutTold(useAlerts(tiles, figures, limits, nameOf), told);
  const rows = [
    ...told.map((alert) => ({ at: Date.parse(alert.raised_at), row: <QueueAlertRow key={queueAlertId(alert)} alert={alert} readAt={read?.at ?? 0} onQueue={onQueue} /> })),
    ...own.map((alert) => ({ at: alert.since, row: <AlertRow key={alert.id} alert={alert} named={nameOf(alert)} onAct={onAct} onQueue={onQueue} /> })),
  ].toSorted((a, b) => a.at - b.at);
  return (
    <section aria-label={m.live_alerts()}>
      <SectionHead level={2} title={<>{m.live_alerts()} <Badge strong={rows.length > 0}>{rows.length}</Badge></>} actions={<Button kind="quiet" size="sm" onPress={onLimits}>{m.live_limits()}</Button>} />
      {queues.isError && <p className={css.unread} data-tone="warn"><TriangleAlert aria-hidden />{m.live_alerts_unread()}<Button size="sm" onPress={() => void queues.refetch()}>{m.try_again()}</Button></p>}
      {rows.length === 0 && !queues.isError && <Empty icon={<BellOff />} title={m.live_no_alerts()}>{m.live_no_alerts_text()}</Empty>}
      {rows.length > 0 && <ul className={css.alerts} aria-label={m.live_alerts()}>{rows.map(({ row }) => row)}</ul>}
      {over.length > 0 && (
        <>
          <h3 className={css.overHead}>{m.live_alerts_over()}</h3>
          <ul className={css.alerts} aria-label={m.live_alerts_over()}>{over.map((alert) => <QueueAlertRow key={queueAlertId(alert)} alert={alert} readAt={read?.at ?? 0} />)}</ul>
        </>
      )}
    </section>
  );
});

/** A new alert of a queue is said once; what stands already when the page opens is read. */
function useSpoken(open: readonly QueueAlert[] | null): void {
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (open === null) return;
    if (known.current !== null) for (const alert of open) if (!known.current.has(queueAlertId(alert))) announce(queueAlertTitle(alert));
    known.current = new Set(open.map(queueAlertId));
  }, [open]);
}

function useNames(tiles: readonly Tile[], figures: readonly QueueFigures[]): (alert: Raised) => Named {
  return useMemo(() => {
    const people = new Map(tiles.map((tile) => [tile.id, tile]));
    const queues = new Map(figures.map(({ id, name }) => [id, name]));
    return ({ agent, queue }) => ({ tile: agent === null ? undefined : people.get(agent), queue: (queue === null ? undefined : queues.get(queue)) ?? "–" });
  }, [tiles, figures]);
}

/** The alerts of this moment. Before all is told, and while the server is out of reach, they stand still. */
function useAlerts(tiles: readonly Tile[], figures: readonly QueueFigures[], limits: Limits, nameOf: (alert: Raised) => Named): readonly Raised[] {
  const now = useNow();
  const reasons = useReasons();
  const isTold = useLive(({ connection, parts }) => connection.phase === "open" && parts.agents.ready && parts.queues.ready);
  const [open, setOpen] = useState<readonly Raised[]>([]);
  const last = useRef<readonly Raised[] | null>(null);
  useEffect(() => {
    if (!isTold) return;
    const agents = tiles.map(({ agent }) => agent);
    const step = follow(last.current ?? [], alertsOf({ agents, queues: figures, reasons }, limits, now), now);
    // What stands already when the page opens is read, not said one after the other.
    if (last.current !== null) for (const alert of step.raised) announce(alertTitle(alert, nameOf(alert)));
    last.current = step.open;
    setOpen(step.open);
  }, [now, tiles, figures, limits, reasons, isTold, nameOf]);
  return open;
}

interface AlertRowProps {
  alert: Raised;
  named: Named;
  onAct: (agent: string, anchor: HTMLElement) => void;
  onQueue: (queue: string) => void;
}

function AlertRow({ alert, named, onAct, onQueue }: AlertRowProps) {
  const button = useRef<HTMLButtonElement>(null);
  const Icon = alert.level === "bad" ? OctagonAlert : TriangleAlert;
  const act = () => {
    if (alert.queue !== null) onQueue(alert.queue);
    else if (alert.agent !== null && button.current !== null) onAct(alert.agent, button.current);
  };
  const title = alertTitle(alert, named);
  return (
    <li className={css.alert} data-tone={alert.level} data-kind={alert.kind}>
      <Icon aria-hidden className={css.alertIcon} />
      <span className={css.alertWords}>
        <span className={css.alertTitle}>{title}</span>
        <span className={css.alertMore}><Lasts alert={alert} /><Ago since={alert.since} /></span>
      </span>
      <Button ref={button} size="sm" aria-label={`${alert.queue === null ? m.live_act() : m.live_members()}: ${title}`} onPress={act}>{alert.queue === null ? m.live_act() : m.live_members()}</Button>
    </li>
  );
}

function Lasts({ alert }: { alert: Raised }) {
  const word = lastsWord(alert);
  if (word === null || alert.from === null) return null;
  return <>{word} <Timer since={alert.from} /> · </>;
}

function Ago({ since }: { since: number }) {
  const now = useNow();
  return <time aria-live="off">{m.live_ago({ time: duration(now - since) })}</time>;
}
