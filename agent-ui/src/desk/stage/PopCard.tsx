import { CircleHelp, Phone, UserRoundX, Users } from "lucide-react";
import { useEffect, useState } from "react";
import type { CallDetail, PopView } from "../../api/types";
import { useCommand, useLive, useLiveClient, useMyDevice, usePermit } from "../../app/hooks";
import { Timer } from "../../app/Timer";
import { partyName, phone } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Placeholder } from "../../ui/Empty/Empty";
import { StateMark } from "../../ui/StateMark/StateMark";
import { Tag } from "../../ui/Tag/Tag";
import { desk } from "../desk";
import type { Caller } from "../useCall";
import { LastContacts } from "./HistoryTable";
import { MatchList } from "./MatchList";
import { MatchTag } from "./MatchTag";
import { NewCaller } from "./NewCaller";

import css from "./Stage.module.css";

export interface IncomingProps {
  id: string;
  call: CallDetail | undefined;
  pop: PopView | undefined;
  caller: Caller;
}

/** Tells the server when the card has been painted; a hidden tab paints nothing and says so at once. */
function usePainted(pop: PopView | undefined): void {
  const live = useLiveClient();
  const id = pop?.state === "active" ? pop.id : undefined;
  useEffect(() => {
    if (id === undefined) return;
    const tell = () => live.popShown(id);
    if (document.hidden) return tell();
    let second = 0;
    const first = requestAnimationFrame(() => { second = requestAnimationFrame(tell); });
    return () => { cancelAnimationFrame(first); cancelAnimationFrame(second); };
  }, [id, live]);
}

/** Who calls, why we think so, what to do: in this order, in places that are kept while the answers come. */
export function PopCard({ id, call, pop, caller }: IncomingProps) {
  usePainted(pop);
  const [wantsNew, setWantsNew] = useState(false);
  const { contact, party, lookup } = caller;
  const number = party.number?.e164 ?? party.number?.raw ?? "";
  const matches = lookup?.matches ?? [];
  const isMany = contact === null && matches.length > 0;
  const isOver = pop?.state === "retracted";
  return (
    <div className={css.card} id={pop === undefined ? undefined : `pop-${pop.id}`} tabIndex={-1} role="group" aria-label={m.desk_incoming()} data-over={isOver || undefined}>
      <CardBanner call={call} pop={pop} />
      <div className={css.who}>
        <div className={css.names}>
          <h2 className={css.big}>{partyName(party, contact)}</h2>
          <p className={css.sub}><SubLine caller={caller} /></p>
          {number !== "" && partyName(party, contact) !== phone(party.number) && <p className={css.number}>{phone(party.number)}</p>}
        </div>
        <div className={css.tags}><LookupTag caller={caller} /></div>
      </div>
      <CardFacts call={call} pop={pop} />
      <div className={css.cardBody}>
        {isOver ? null : lookup === null ? <Enriching /> : contact !== null || lookup.outcome === "internal" ? <LastContacts rows={caller.history} except={id} /> : isMany && !wantsNew ? <MatchList call={id} matches={matches} onNobody={() => setWantsNew(true)} /> : party.withheld || number === "" ? <p className={css.quiet}>{m.desk_withheld_text()}</p> : <><NewCaller call={id} number={number} proposal={party.name ?? ""} /><p className={css.quiet}>{m.desk_calls_from_number({ count: caller.history.filter((row) => row.call !== id).length })}</p></>}
      </div>
      <CardActions id={id} call={call} pop={pop} />
    </div>
  );
}

function Enriching() {
  return <div className={css.last} role="status" aria-label={m.desk_looking_up()}><h3 className={css.small}>{m.desk_last_contacts()}</h3><ul aria-hidden>{[0, 1, 2].map((at) => <li key={at}><Placeholder width="5rem" /><Placeholder width="14rem" /></li>)}</ul></div>;
}

function CardBanner({ call, pop }: { call: CallDetail | undefined; pop: PopView | undefined }) {
  const device = useMyDevice();
  const since = pop?.waited_since ?? call?.entries[0]?.entered_at ?? null;
  if (pop?.state === "retracted") return <div className={css.banner} data-state="logged_out" role="status"><strong>{overWords(pop)}</strong></div>;
  return (
    <div className={css.banner} data-state="ringing">
      <StateMark state="ringing" size={24} />
      <strong>{device?.extension ? m.desk_rings_on({ extension: device.extension }) : m.desk_rings()}</strong>
      <span className={css.how}>{m.desk_pick_up()}</span>
      {since !== null && <span className={css.waits}>{m.desk_waits()} <b><Timer since={since} /></b></span>}
    </div>
  );
}

function overWords(pop: PopView): string {
  if (pop.answered_by) return m.desk_answered_by({ name: pop.answered_by });
  if (pop.reason === "answered_elsewhere") return m.desk_answered_elsewhere();
  return pop.reason === "caller_left" ? m.desk_caller_left() : m.desk_rang_out();
}

function SubLine({ caller }: { caller: Caller }) {
  const { contact, party, lookup } = caller;
  if (contact !== null) return <>{[contact.company, contact.kind === "company" ? m.desk_company() : null].filter(Boolean).join(" · ") || (contact.email ?? "")}</>;
  if (lookup === null) return <Placeholder width="12rem" />;
  if (party.withheld) return <>{m.desk_number_withheld()}</>;
  if (lookup.outcome === "internal") return <>{m.desk_internal_number({ number: phone(party.number) })}</>;
  if (lookup.matches.length > 0) return <>{m.desk_who_of({ count: lookup.matches.length })}</>;
  return <>{m.desk_number_unknown()}</>;
}

export function LookupTag({ caller }: { caller: Caller }) {
  const { contact, lookup, party } = caller;
  const match = lookup?.matches.find((one) => one.contact.id === contact?.id);
  if (match !== undefined) return <MatchTag match={match} />;
  if (contact !== null) return <Tag>{m.desk_match_chosen()}</Tag>;
  if (lookup === null) return <Placeholder width="6rem" />;
  if (party.withheld) return <Tag look="outlined" icon={<UserRoundX aria-hidden />}>{m.desk_tag_withheld()}</Tag>;
  if (lookup.outcome === "internal") return <Tag look="outlined">{m.desk_internal()}</Tag>;
  if (lookup.matches.length > 0) return <Tag icon={<Users aria-hidden />}>{m.desk_tag_many()}</Tag>;
  return <Tag look="outlined" icon={<CircleHelp aria-hidden />}>{m.desk_tag_none()}</Tag>;
}

function CardFacts({ call, pop }: { call: CallDetail | undefined; pop: PopView | undefined }) {
  const queueName = useQueueName(pop?.queue ?? call?.queue ?? null);
  const dialled = pop?.dialled ?? call?.dialled ?? null;
  const attempt = call?.offers.at(-1)?.attempt;
  const facts = [
    [m.desk_queue(), pop?.queue_name ?? queueName ?? m.desk_direct()],
    [m.desk_dialled_number(), dialled === null ? "–" : phone(dialled)],
    ...(attempt === undefined ? [] : [[m.desk_attempt(), String(attempt)]]),
  ];
  return <dl className={css.facts}>{facts.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>;
}

export function useQueueName(id: string | null): string | null {
  return useLive((state) => (id === null ? null : (state.parts.queues.items.get(id)?.queue.name ?? null)));
}

function CardActions({ id, call, pop }: { id: string; call: CallDetail | undefined; pop: PopView | undefined }) {
  const live = useLiveClient();
  const permit = usePermit(call, "answer_call");
  const { run, isPending } = useCommand(`answer_call:${id}`);
  if (pop?.state === "retracted") return null;
  const hide = () => {
    if (pop !== undefined) live.popDismiss(pop.id);
    desk.close(id);
  };
  return (
    <div className={css.cardActions}>
      <Button kind="answer" size="lg" icon={<Phone aria-hidden />} kbd="Alt ⇧ A" isPending={isPending} reason={permit.allowed ? null : permit.why} onPress={() => void run("answer_call", { call_id: id })}>{m.desk_answer()}</Button>
      <span className={css.spacer} />
      <Button kind="quiet" size="lg" onPress={hide}>{m.desk_hide()}</Button>
    </div>
  );
}

