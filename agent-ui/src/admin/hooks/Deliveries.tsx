import { type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import { Inbox, RotateCcw } from "lucide-react";
import { useState } from "react";
import { call } from "../../api/client";
import { useMedia } from "../../app/media";
import { toast } from "../../app/toast";
import { MomentField } from "../../callbacks/MomentField";
import { momentOf } from "../../callbacks/work";
import { clockWithSeconds, count, dateOnly } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Cards } from "../../ui/Cards/Cards";
import { Dialog } from "../../ui/Dialog/Dialog";
import { Empty } from "../../ui/Empty/Empty";
import { InlineError } from "../../ui/Message/Message";
import { Pane } from "../../ui/Pane/Pane";
import { Segments } from "../../ui/Segments/Segments";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../../ui/Table/Table";
import { type Listed, queryText } from "../data/pages";
import { Loaded } from "../parts/Loaded";
import parts from "../parts/parts.module.css";
import { useSave } from "../parts/useSave";
import { type HookLook, HookViews } from "./HookViews";
import { AGAIN_MS, KEYS, pathOf } from "./queries";
import { answerOf, type Delivery, DELIVERY_LOOKS, type DeliveryLook, deliveryTone, deliveryWord, type Webhook } from "./webhook";
import css from "./hooks.module.css";

/** Lines that one request reads. */
const PAGE_LINES = 50;

/** What became of each event at an endpoint, and posting events again. */
export function Deliveries({ view, onView }: { view: Webhook; onView: (view: HookLook) => void }) {
  const [look, setLook] = useState<DeliveryLook>("all");
  const query = useInfiniteQuery({
    queryKey: ["webhooks", "deliveries", view.id, look],
    queryFn: ({ pageParam }) => call<Listed<Delivery>>("GET", pathOf(view.id, "/deliveries") + queryText({ state: look === "all" ? null : look, cursor: pageParam, limit: PAGE_LINES })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: AGAIN_MS,
  });
  return (
    <Pane
      title={view.name}
      note={m.hook_deliveries()}
      head="admin"
      toolbar={(
        <div className={css.tools}>
          <HookViews value="deliveries" onChange={onView} />
          <Segments label={m.hook_deliveries()} options={DELIVERY_LOOKS.map((id) => ({ id, label: deliveryWord(id) }))} value={look} onChange={setLook} />
          <Again view={view} />
          <AgainFrom view={view} />
        </div>
      )}
    >
      <Loaded query={query} title={m.hook_deliveries_unread()}>
        {({ pages }) => <Rows rows={pages.flatMap((page) => page.items)} hook={view.id} />}
      </Loaded>
      <More query={query} />
    </Pane>
  );
}

function More({ query }: { query: UseInfiniteQueryResult<unknown> }) {
  if (!query.hasNextPage) return null;
  return <div className={css.more}><Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>{m.admin_more()}</Button></div>;
}

function Rows({ rows, hook }: { rows: readonly Delivery[]; hook: string }) {
  const isWide = useMedia("(min-width: 80rem)");
  if (rows.length === 0) return <Empty icon={<Inbox />} title={m.hook_deliveries_none()}>{m.hook_deliveries_none_text()}</Empty>;
  return isWide ? <DeliveryTable rows={rows} hook={hook} /> : <DeliveryCards rows={rows} hook={hook} />;
}

function DeliveryTable({ rows, hook }: { rows: readonly Delivery[]; hook: string }) {
  return (
    <Table label={m.hook_deliveries()} layout="fixed">
      <TableHead>
        <Column id="at" span="9rem">{m.admin_column_when()}</Column>
        <Column id="type" isRowHeader>{m.hook_event()}</Column>
        <Column id="state" span="8rem">{m.admin_column_state()}</Column>
        <Column id="attempts" align="end" span="5rem">{m.hook_attempts()}</Column>
        <Column id="answer">{m.hook_answer()}</Column>
        <Column id="again" span="3.5rem" hiddenLabel={m.hook_again_one()} />
      </TableHead>
      <TableBody items={rows.map((row) => ({ ...row, id: row.event }))}>
        {(row) => (
          <Row id={row.id}>
            <Cell>{moment(row.happened_at)}</Cell>
            <Cell truncate>{row.type}</Cell>
            <Cell><DeliveryState row={row} /></Cell>
            <Cell align="end">{count(row.attempts)}</Cell>
            <Cell truncate>{answerOf(row)}</Cell>
            <Cell><AgainOne row={row} hook={hook} /></Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function DeliveryCards({ rows, hook }: { rows: readonly Delivery[]; hook: string }) {
  const items = rows.map((row) => ({
    id: row.event,
    head: <><span>{row.type}</span><AgainOne row={row} hook={hook} /></>,
    facts: [
      [m.admin_column_when(), moment(row.happened_at)],
      [m.admin_column_state(), <DeliveryState key="state" row={row} />],
      [m.hook_attempts(), count(row.attempts)],
      [m.hook_answer(), answerOf(row)],
    ] as const,
  }));
  return <Cards label={m.hook_deliveries()} items={items} />;
}

const moment = (at: string): string => `${dateOnly(at)} ${clockWithSeconds(at)}`;

function DeliveryState({ row: { state, next_at: next } }: { row: Delivery }) {
  const word = state === "pending" && next ? m.hook_next_at({ time: clockWithSeconds(next) }) : deliveryWord(state);
  return <span className={css.state}><span className={css.dot} data-tone={deliveryTone(state)} aria-hidden />{word}</span>;
}

/** Posts events again and says how many. */
function useReplay(hook: string) {
  const save = useSave((body: object) => call<{ events?: number | null }>("POST", pathOf(hook, "/replay"), { body }), KEYS);
  const run = (body: object, after?: () => void) => save.run(body, ({ events }) => {
    toast({ kind: "good", title: typeof events === "number" ? m.hook_again_count({ count: events }) : m.hook_again_runs() });
    after?.();
  });
  return { ...save, run };
}

function AgainOne({ row, hook }: { row: Delivery; hook: string }) {
  const replay = useReplay(hook);
  const why = row.state === "pending" ? m.hook_again_waits() : null;
  return <IconButton kind="quiet" size="sm" icon={<RotateCcw aria-hidden />} label={`${m.hook_again_one()}: ${row.type}`} reason={why} isPending={replay.isPending} onPress={() => replay.run({ events: [row.event] })} />;
}

function Again({ view }: { view: Webhook }) {
  const replay = useReplay(view.id);
  return <Button size="sm" icon={<RotateCcw aria-hidden />} isPending={replay.isPending} reason={view.dead === 0 ? m.hook_again_none() : null} onPress={() => replay.run({ failed: true })}>{m.hook_again_failed()}</Button>;
}

/** Everything of a time that fits the endpoint. */
function AgainFrom({ view }: { view: Webhook }) {
  const [isOpen, setOpen] = useState(false);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const replay = useReplay(view.id);
  const [begin, end] = [momentOf(from), momentOf(to)];
  const isWrong = begin === null || (to !== "" && end === null);
  const run = () => replay.run({ from: begin, ...(end === null ? {} : { to: end }) }, () => setOpen(false));
  return (
    <>
      <Button size="sm" reason={view.replay ? m.hook_again_under_way() : null} onPress={() => setOpen(true)}>{m.hook_again_time()}</Button>
      <Dialog
        title={m.hook_again_time()}
        isOpen={isOpen}
        onOpenChange={setOpen}
        actions={<><Button onPress={() => setOpen(false)}>{m.admin_cancel()}</Button><Button kind="primary" isPending={replay.isPending} reason={isWrong ? m.work_time_wrong() : null} onPress={run}>{m.hook_again_run()}</Button></>}
      >
        <div className={parts.stack} data-flush>
          <p className={parts.hint}>{m.hook_again_text()}</p>
          <MomentField label={m.hook_from()} value={from} onChange={setFrom} error={replay.fields.from ?? null} />
          <MomentField label={m.hook_to()} value={to} onChange={setTo} error={replay.fields.to ?? null} />
          {replay.problem !== null && Object.keys(replay.fields).length === 0 && <InlineError>{replay.problem}</InlineError>}
        </div>
      </Dialog>
    </>
  );
}
