import { Pencil } from "lucide-react";
import { memo } from "react";
import { useLive, useMe, useNow, useRights } from "../../app/hooks";
import { clock, count, duration, partyName, phone } from "../../domain/format";
import { getLocale } from "../../i18n/generated/runtime.js";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Pane, SectionHead } from "../../ui/Pane/Pane";
import { Tag } from "../../ui/Tag/Tag";
import { desk } from "../desk";
import { byHour, type CallRow, dayFigures } from "../calls/rows";
import type { Today } from "../calls/useToday";
import { labelOf } from "../../domain/locale";
import { useDispositions } from "../tools/useDispositions";
import { writerOf } from "../tools/note";
import { useCall } from "../useCall";
import css from "./Idle.module.css";

/** The stage between calls: the own day so far. */
export const Idle = memo(function Idle({ today }: { today: Today }) {
  const last = today.rows.find((row) => !row.isLive && row.outcome === "answered");
  const date = new Intl.DateTimeFormat(getLocale() === "en" ? "en-GB" : getLocale(), { weekday: "long", day: "numeric", month: "long" }).format(useDay());
  return (
    <Pane title={m.desk_my_day()} note={date} ground="surface">
      <Figures rows={today.rows} isReady={today.isReady && today.error === null} />
      {last !== undefined && <LastContact key={last.id} row={last} />}
      <Hours rows={today.rows} />
    </Pane>
  );
});

/** The day of the server's clock, as a moment that changes at midnight only. */
function useDay(): number {
  return new Date(useNow()).setHours(12, 0, 0, 0);
}

function Figures({ rows, isReady }: { rows: readonly CallRow[]; isReady: boolean }) {
  const rights = useRights();
  const waiting = useLive((state) => [...state.parts.queues.items.values()].reduce((sum, queue) => sum + queue.waiting.length, 0));
  const { handled, dialled, missed, talkAvgMs } = dayFigures(rows);
  const figures = [
    { label: m.desk_handled(), value: isReady ? count(handled) : "–", note: m.desk_of_them_dialled({ count: dialled }) },
    { label: m.desk_missed(), value: isReady ? count(missed) : "–", note: m.desk_not_taken() },
    { label: m.desk_average_talk(), value: talkAvgMs === null ? "–" : duration(talkAvgMs), note: m.desk_per_handled() },
    ...(rights.has("queue.read") ? [{ label: m.desk_waiting_now(), value: count(waiting), note: m.desk_in_queues() }] : []),
  ];
  return <dl className={css.figures}>{figures.map(({ label, value, note }) => <div key={label}><dt>{label}</dt><dd className={css.value}>{value}</dd><dd className={css.note}>{note}</dd></div>)}</dl>;
}

function LastContact({ row }: { row: CallRow }) {
  const me = useMe();
  const { call } = useCall(row.id);
  const all = useDispositions();
  const code = call?.disposition?.code;
  const category = all.find((one) => one.code === code);
  const note = call?.notes.findLast((one) => writerOf(one) === me.user)?.text;
  return (
    <section aria-label={m.desk_last_contact()}>
      <SectionHead title={m.desk_last_contact()} note={call?.ended_at ? m.desk_ended_at({ time: clock(call.ended_at) }) : undefined} actions={<Button kind="quiet" size="sm" icon={<Pencil aria-hidden />} onPress={() => desk.chooseCall(row.id)}>{m.desk_edit_record()}</Button>} />
      <div className={css.last}>
        <p className={css.line}><strong>{partyName(row.party, row.contact)}</strong><span>{[phone(row.party.number), row.lengthMs === null ? null : duration(row.lengthMs)].filter(Boolean).join(" · ")}</span>{code && <Tag>{category === undefined ? code : labelOf(category.labels, code)}</Tag>}</p>
        <p className={css.text}>{note ?? m.desk_no_note()}</p>
      </div>
    </section>
  );
}

function Hours({ rows }: { rows: readonly CallRow[] }) {
  const hours = byHour(rows, (at) => new Date(at).getHours());
  const most = Math.max(1, ...hours.map((hour) => hour.handled + hour.missed));
  return (
    <section aria-label={m.desk_by_hour()}>
      <SectionHead title={m.desk_by_hour()} actions={<span className={css.legend}><i data-bar="handled" />{m.desk_legend_handled()}<i data-bar="missed" />{m.desk_legend_missed()}</span>} />
      <ol className={css.hours}>
        {hours.map(({ hour, handled, missed }) => (
          <li key={hour} aria-label={m.desk_hour_text({ hour, handled, missed })}>
            <span className={css.sum} aria-hidden>{handled + missed > 0 ? handled + missed : ""}</span>
            <span className={css.bar} data-bar="missed" style={{ height: `${(missed / most) * 7}rem` }} aria-hidden />
            <span className={css.bar} data-bar="handled" style={{ height: `${(handled / most) * 7}rem` }} aria-hidden />
            <span className={css.hour} aria-hidden>{hour}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
