import type { UseQueryResult } from "@tanstack/react-query";
import { Check, Hand, Phone, PhoneMissed, Undo2 } from "lucide-react";
import type { MissedCall } from "../api/types";
import { useCommand, useLive, useMe, useNow, useRights } from "../app/hooks";
import { useDraft } from "../app/drafts";
import { usePersonName } from "../app/people";
import { Loaded } from "../admin/parts/Loaded";
import { useWhyNot } from "../desk/bar/useWhyNot";
import { dayAndTime, duration, partyName, phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { TextArea } from "../ui/Field/Field";
import { GridList, GridRow } from "../ui/List/List";
import { InlineError } from "../ui/Message/Message";
import { Pane } from "../ui/Pane/Pane";
import { Tag } from "../ui/Tag/Tag";
import { Caller } from "./Caller";
import { onMissed, useDeed } from "./data";
import { numberOf } from "./work";
import css from "./work.module.css";

/** Calls that nobody took: whoever claims one cares for it, so that no two call back. */
export function MissedList({ query, chosen, onChoose }: { query: UseQueryResult<MissedCall[]>; chosen: string | undefined; onChoose: (id: string) => void }) {
  const now = useNow();
  const nameOf = usePersonName();
  const queues = useLive((state) => state.parts.queues.items);
  return (
    <Loaded query={query} title={m.work_missed_unread()} height="two">
      {(rows) => (rows.length === 0 ? <Empty icon={<PhoneMissed />} title={m.work_missed_none()}>{m.work_missed_none_text()}</Empty> : (
        <GridList label={m.work_missed()} items={rows.map((row) => ({ ...row, id: row.call }))} selectionMode="single" selectedKeys={chosen === undefined ? [] : [chosen]} onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }} dependencies={[now, queues, nameOf, chosen]}>
          {(row) => <GridRow id={row.id} text={partyName(row.calling)}><MissedRow row={row} now={now} queue={row.queue ? queues.get(row.queue)?.queue.name : undefined} who={nameOf(row.resolved_by ?? row.claimed_by, "")} /></GridRow>}
        </GridList>
      ))}
    </Loaded>
  );
}

function MissedRow({ row, now, queue, who }: { row: MissedCall; now: number; queue: string | undefined; who: string }) {
  const me = useMe().user;
  const claim = useDeed(() => onMissed(row.call, "claim"), m.work_claim());
  const name = partyName(row.calling);
  const isOver = row.state === "resolved";
  const Icon = isOver ? Check : PhoneMissed;
  return (
    <div className={css.row} data-over={isOver || undefined}>
      <span data-tone={isOver ? undefined : "bad"} className={css.mark}><Icon aria-hidden className={css.icon} /></span>
      <span className={css.due}>
        <span className={css.strong}>{dayAndTime(row.started_at, now)}</span>
        <span>{row.wait_ms > 0 ? m.work_waited({ time: duration(row.wait_ms) }) : m.work_rang()}</span>
      </span>
      <span className={css.two}>
        <span className={css.strong}>{name}</span>
        <span>{queue ?? m.work_direct()}</span>
      </span>
      <span className={css.two}>
        <span>{missedState(row, me, who)}</span>
        <span>{row.note}</span>
      </span>
      {row.state === "open" && <Button size="sm" icon={<Hand aria-hidden />} isPending={claim.isPending} onPress={() => claim.run()} aria-label={`${m.work_claim()}: ${name}`}>{m.work_claim()}</Button>}
    </div>
  );
}

function missedState(row: MissedCall, me: string | null | undefined, who: string): string {
  if (row.state === "claimed") return row.claimed_by === me ? m.work_claimed_me() : m.work_claimed_by({ name: who });
  if (row.state !== "resolved") return m.work_missed_open();
  return row.spoken_in ? m.work_spoken() : m.work_resolved_by({ name: who || "–" });
}

/** One missed call: call back, say what was done, or leave it to others. */
export function MissedDetails({ one }: { one: MissedCall | undefined }) {
  if (one === undefined) {
    return <Pane title={m.work_details()} head="admin" ground="canvas"><Empty icon={<PhoneMissed />} title={m.work_choose()}>{m.work_missed_choose_text()}</Empty></Pane>;
  }
  return <Chosen one={one} />;
}

function Chosen({ one }: { one: MissedCall }) {
  const me = useMe().user;
  const { has } = useRights();
  const [note, setNote, draft] = useDraft(`missed:${one.call}`);
  const number = numberOf(one);
  const dial = useCommand("make_call");
  const noPhone = useWhyNot();
  const claim = useDeed(() => onMissed(one.call, "claim"), m.work_claim());
  const release = useDeed(() => onMissed(one.call, "release"), m.work_release());
  const resolve = useDeed(() => onMissed(one.call, "resolve", note), m.work_done());
  const isForeign = one.state === "claimed" && one.claimed_by !== me;
  const why = isForeign && !has("missed.work.team") ? m.work_why_taken() : null;
  // Who calls back cares for it: claimed first, so that nobody else calls at the same time.
  const callBack = () => {
    const ring = () => void dial.run("make_call", { to: number ?? "" });
    if (one.state === "open") claim.run(ring);
    else ring();
  };
  const isOver = one.state === "resolved";
  const problem = claim.problem ?? release.problem ?? resolve.problem;
  return (
    <Pane
      title={partyName(one.calling)}
      head="admin"
      ground="canvas"
      actions={isOver && <Tag tone="good">{m.work_resolved()}</Tag>}
      foot={isOver ? undefined : (
        <div className={css.foot}>
          {problem !== null && <InlineError>{problem}</InlineError>}
          <div className={css.buttons}>
            <Button kind="primary" icon={<Phone aria-hidden />} isPending={dial.isPending} reason={number === null ? m.work_no_number() : why ?? noPhone} onPress={callBack}>{m.work_call_back()}</Button>
            {one.state === "open" && <Button icon={<Hand aria-hidden />} isPending={claim.isPending} onPress={() => claim.run()}>{m.work_claim()}</Button>}
            {one.state === "claimed" && <Button icon={<Undo2 aria-hidden />} isPending={release.isPending} reason={why} onPress={() => release.run()}>{m.work_release()}</Button>}
            <Button icon={<Check aria-hidden />} isPending={resolve.isPending} reason={why} onPress={() => resolve.run(draft.clear)}>{m.work_done()}</Button>
          </div>
        </div>
      )}
    >
      <div className={css.note}>
        {isOver ? one.note && <p>{one.note}</p> : <TextArea label={m.work_what_done()} rows={3} value={note} onChange={setNote} isReadOnly={why !== null} />}
      </div>
      {number !== null && <Caller number={number} />}
      {number === null && <p className={css.nothing}>{phone(one.calling.number) || m.work_no_number()}</p>}
    </Pane>
  );
}
