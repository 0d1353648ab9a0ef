import { PhoneIncoming, PhoneMissed, PhoneOutgoing, ArrowUp, History } from "lucide-react";
import { memo, type UIEvent, useState } from "react";
import type { ContactView, PopView } from "../../api/types";
import { Timer } from "../../app/Timer";
import { useLive } from "../../app/hooks";
import { clock, duration, partyName, phone } from "../../domain/format";
import { errorText } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Empty, ErrorPane, Skeleton } from "../../ui/Empty/Empty";
import { GridList, GridRow } from "../../ui/List/List";
import { Pane } from "../../ui/Pane/Pane";
import { Segments } from "../../ui/Segments/Segments";
import { StateMark } from "../../ui/StateMark/StateMark";
import { desk } from "../desk";
import css from "./CallList.module.css";
import { type CallFilter, type CallRow, heldRows, matches } from "./rows";
import type { Today } from "./useToday";

/** “My calls” of today; rows never move under the pointer. */
export const CallList = memo(function CallList({ today, shown, foot }: { today: Today; shown: string | null; foot: React.ReactNode }) {
  const [filter, setFilter] = useState<CallFilter>("all");
  const filters = [
    { id: "all" as const, label: m.desk_filter_all() },
    { id: "received" as const, label: m.desk_filter_received() },
    { id: "dialled" as const, label: m.desk_filter_dialled() },
    { id: "missed" as const, label: m.desk_filter_missed() },
  ];
  return (
    <div className={css.column}>
      <div className={css.calls}>
        <Pane title={m.desk_my_calls()} note={m.desk_today_count({ count: today.rows.length })} ground="canvas" toolbar={<Segments label={m.desk_my_calls()} options={filters} value={filter} onChange={setFilter} wide />}>
          <Rows key={filter} today={today} rows={today.rows.filter((row) => matches(row, filter))} shown={shown} />
        </Pane>
      </div>
      {foot}
    </div>
  );
});

function Rows({ today, rows, shown }: { today: Today; rows: CallRow[]; shown: string | null }) {
  const [hovered, setHovered] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const [places, setPlaces] = useState<readonly string[]>([]);
  const ids = rows.map((row) => row.id);
  const isHeld = hovered || scrolled;
  if (!isHeld && ids.join() !== places.join()) setPlaces(ids);
  const { shown: visible, fresh } = heldRows(rows, isHeld ? places : null);
  if (today.error !== null) return <ErrorPane title={m.desk_calls_failed()} actions={<Button onPress={today.retry}>{m.desk_try_again()}</Button>}>{errorText(today.error)}</ErrorPane>;
  if (!today.isReady) return <Skeleton label={m.desk_loading()} />;
  const scroll = (event: UIEvent<HTMLDivElement>) => setScrolled(event.currentTarget.scrollTop > 8);
  return (
    <div className={css.scroll} onScroll={scroll} onPointerEnter={() => setHovered(true)} onPointerLeave={() => setHovered(false)}>
      {fresh > 0 && <div className={css.fresh}><Button size="sm" icon={<ArrowUp aria-hidden />} onPress={() => setPlaces(ids)}>{m.desk_new_rows({ count: fresh })}</Button></div>}
      <GridList
        label={m.desk_my_calls()}
        items={visible}
        selectionMode="single"
        selectedKeys={shown === null ? [] : [shown]}
        onSelectionChange={(keys) => { const [id] = keys === "all" ? [] : keys; desk.chooseCall(id === undefined ? null : String(id)); }}
        renderEmptyState={() => <Empty icon={<History />} title={m.desk_no_calls()}>{m.desk_no_calls_text()}</Empty>}
      >
        {(row) => <CallRowView row={row} />}
      </GridList>
    </div>
  );
}

const ICONS = { received: PhoneIncoming, dialled: PhoneOutgoing, missed: PhoneMissed } as const;
const KIND_WORDS = { received: m.desk_kind_received, dialled: m.desk_kind_dialled, missed: m.desk_kind_missed } as const;

function CallRowView({ row }: { row: CallRow }) {
  const queue = useLive((state) => (row.queue === null ? null : (state.parts.queues.items.get(row.queue)?.queue.name ?? null)));
  const Icon = ICONS[row.kind];
  const match = useLive((state) => (row.isLive && row.contact === null ? matchOf([...state.parts.pops.items.values()].find((pop) => pop.call === row.id)) : null));
  const name = partyName(row.party, row.contact ?? match);
  return (
    <GridRow id={row.id} text={`${name}, ${KIND_WORDS[row.kind]()}`}>
      <span className={css.icon} data-tone={row.kind === "missed" ? "bad" : undefined}>
        {row.isLive ? <StateMark state={row.isRinging ? "ringing" : "talking"} size={16} /> : <Icon role="img" aria-label={KIND_WORDS[row.kind]()} />}
      </span>
      <span className={css.words}>
        <span className={`truncate ${css.name}`}>{name}</span>
        <span className={`truncate ${css.meta}`}>{metaOf(row, name, queue)}</span>
      </span>
      <span className={css.times}>
        <span>{clock(row.startedAt)}</span>
        <span>{row.isLive ? <Timer since={row.startedAt} /> : row.lengthMs === null ? "–" : duration(row.lengthMs)}</span>
      </span>
    </GridRow>
  );
}

/** The only exact match of a card. */
function matchOf(pop: PopView | undefined): ContactView | null {
  const [match] = pop?.lookup?.matches ?? [];
  return pop?.lookup?.outcome === "one" && match?.confidence === "exact" ? match.contact : null;
}

function metaOf(row: CallRow, name: string, queue: string | null): string {
  const number = phone(row.party.number);
  const where = queue ?? (row.isInternal && number !== name ? m.desk_internal_number({ number }) : number !== name ? number : row.isInternal ? m.desk_internal() : "");
  const how = row.isLive ? (row.isRinging ? m.desk_rings() : m.desk_live()) : row.kind === "missed" ? m.desk_not_answered() : row.kind === "dialled" && row.outcome !== "answered" ? m.desk_not_reached() : "";
  return [where, how].filter((word) => word !== "").join(" · ");
}
