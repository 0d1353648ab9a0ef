import { PhoneIncoming, PhoneMissed, PhoneOutgoing } from "lucide-react";
import { lazy, Suspense } from "react";
import type { HistoryRow } from "../../api/types";
import { useNow } from "../../app/hooks";
import { dayAndTime } from "../../domain/format";
import { errorText } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { ErrorPane, Skeleton } from "../../ui/Empty/Empty";
import { SectionHead } from "../../ui/Pane/Pane";
import css from "./Stage.module.css";

// A table is much code, and the first screen of a desk has none.
const HistoryRows = lazy(() => import("./HistoryRows"));

export const isMissed = (row: HistoryRow): boolean => row.direction === "inbound" && row.outcome !== "answered";

export function DirectionIcon({ row }: { row: HistoryRow }) {
  if (isMissed(row)) return <span data-tone="bad" className={css.missed}><PhoneMissed role="img" aria-label={m.desk_kind_missed()} /></span>;
  return row.direction === "outbound" ? <PhoneOutgoing role="img" aria-label={m.desk_kind_dialled()} /> : <PhoneIncoming role="img" aria-label={m.desk_kind_received()} />;
}

/** Category and note of an earlier call in one line. */
export function WhatWasIt({ row }: { row: HistoryRow }) {
  const what = row.disposition?.label ?? (isMissed(row) ? m.desk_not_answered() : row.queue_name ?? m.desk_no_category());
  return <span className="truncate"><strong className={css.what}>{what}</strong>{row.note && <span className={css.remark}> · {row.note}</span>}</span>;
}

interface HistoryProps {
  rows: readonly HistoryRow[];
  /** The call that is shown, which is no history yet. */
  except: string;
  isReady: boolean;
  error: Error | null;
}

/** Earlier calls with this caller in both directions, newest first. */
export function HistoryTable({ rows, except, isReady, error }: HistoryProps) {
  const earlier = rows.filter((row) => row.call !== except);
  return (
    <section aria-label={m.desk_history()} className={css.history}>
      <SectionHead title={m.desk_history()} note={m.desk_history_note()} />
      {error !== null ? <ErrorPane title={m.desk_history_failed()}>{errorText(error)}</ErrorPane> : !isReady ? <Skeleton rows={4} height="one" label={m.desk_loading()} /> : earlier.length === 0 ? <p className={css.quiet}>{m.desk_no_history()}</p> : (
        <Suspense fallback={<Skeleton rows={4} height="one" label={m.desk_loading()} />}>
          <HistoryRows rows={earlier} />
        </Suspense>
      )}
    </section>
  );
}

/** The last three, on the card of a ringing call. */
export function LastContacts({ rows, except }: { rows: readonly HistoryRow[]; except: string }) {
  const now = useNow();
  const last = rows.filter((row) => row.call !== except).slice(0, 3);
  if (last.length === 0) return <p className={css.quiet}>{m.desk_no_history()}</p>;
  return (
    <section className={css.last} aria-label={m.desk_last_contacts()}>
      <h3 className={css.small}>{m.desk_last_contacts()}</h3>
      <ul>
        {last.map((row) => (
          <li key={row.call}>
            <span className={css.when}>{dayAndTime(row.at, now)}</span>
            <DirectionIcon row={row} />
            <WhatWasIt row={row} />
            <span className={`truncate ${css.lastWho}`}>{row.agent_name ?? "–"}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
