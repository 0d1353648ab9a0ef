import type { UseQueryResult } from "@tanstack/react-query";
import { MessageSquare, Phone, PhoneForwarded, PhoneOutgoing } from "lucide-react";
import type { Interaction } from "../api/types";
import { useLive, useNow } from "../app/hooks";
import { Loaded } from "../admin/parts/Loaded";
import { dayAndTime, duration, phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { GridList, GridRow } from "../ui/List/List";
import { Segments } from "../ui/Segments/Segments";
import { Select } from "../ui/Select/Select";
import { CALLBACK, dueOf, overdueMs, shownOf, type Whose } from "./work";
import { useRing } from "./useRing";
import { outcomeWords, stateWords } from "./words";
import css from "./work.module.css";

const ALL = "all";

interface CallbackListProps {
  query: UseQueryResult<Interaction[]>;
  me: string | undefined;
  whose: Whose;
  queue: string | null;
  chosen: string | undefined;
  onChoose: (id: string) => void;
  onNarrow: (change: { whose?: string | undefined; queue?: string | undefined }) => void;
}

/** Callbacks and other work that waits, what is mine first. */
export function CallbackList({ query, me, whose, queue, chosen, onChoose, onNarrow }: CallbackListProps) {
  const queues = useLive((state) => [...state.parts.queues.items.values()].map((one) => one.queue).filter(({ kind }) => kind === "owned"));
  const nameOf = (id: string) => queues.find((one) => one.id === id)?.name ?? m.work_queue_unknown();
  const now = useNow();
  const views = [{ id: "all" as const, label: m.work_whose_all() }, { id: "mine" as const, label: m.work_whose_mine() }];
  const choices = [{ id: ALL, label: m.work_every_queue() }, ...queues.map(({ id, name }) => ({ id, label: name }))];
  return (
    <Loaded query={query} title={m.work_unread()} height="two">
      {(all) => {
        const rows = shownOf(all, { whose, queue, me });
        return (
          <>
            <div className={css.filters}>
              <Segments label={m.work_whose()} options={views} value={whose} onChange={(next) => onNarrow({ whose: next === "mine" ? next : undefined })} />
              <Select aria-label={m.admin_queue()} choices={choices} value={queue ?? ALL} onChange={(id) => onNarrow({ queue: id === ALL ? undefined : id })} />
            </div>
            {rows.length === 0 ? (
              <Empty icon={<PhoneOutgoing />} title={m.work_none()}>{m.work_none_text()}</Empty>
            ) : (
              <GridList label={m.work_callbacks()} items={rows} selectionMode="single" selectedKeys={chosen === undefined ? [] : [chosen]} onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }} dependencies={[now, queues, chosen]}>
                {(one) => <GridRow id={one.id} text={one.subject || phone(one.number) || one.medium}><CallbackRow one={one} queue={nameOf(one.queue)} now={now} /></GridRow>}
              </GridList>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function CallbackRow({ one, queue, now }: { one: Interaction; queue: string; now: number }) {
  const late = overdueMs(one, now);
  const ring = useRing(one);
  const Icon = one.medium === CALLBACK ? PhoneForwarded : MessageSquare;
  const tried = outcomeWords(one);
  return (
    <div className={css.row}>
      <Icon aria-hidden className={css.icon} />
      <span className={css.due} data-tone={late === null ? undefined : "warn"}>
        <span className={css.strong}>{dayAndTime(dueOf(one), now)}</span>
        <span>{late === null ? stateWords(one.state) : m.work_late({ time: duration(late) })}</span>
      </span>
      <span className={css.two}>
        <span className={css.strong}>{phone(one.number) || one.subject || one.medium}</span>
        <span>{queue}</span>
      </span>
      <span className={css.two}>
        <span>{one.subject || m.work_no_subject()}</span>
        <span data-tone={tried === null ? undefined : "warn"} className={css.tried}>{tried ?? ""}</span>
      </span>
      <Button size="sm" icon={<Phone aria-hidden />} isPending={ring.isPending} reason={ring.reason} onPress={() => ring.run()} aria-label={`${ring.word}: ${phone(one.number) || one.subject}`}>{ring.word}</Button>
    </div>
  );
}
