// Beside every page: work that I am asked for or do, and notices of missed calls. Comes after the desk stands.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Phone, PhoneForwarded, X } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Interaction } from "../api/types";
import { announce } from "../app/announce";
import { useAgentOfMe, useLive, useLiveClient, useMe, useRights } from "../app/hooks";
import { paths } from "../app/paths";
import { go } from "../app/place";
import { toast } from "../app/toast";
import { partyName, phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { act, MISSED_KEY, missedQuery, useDeed, WORK_KEY, workQuery } from "./data";
import { hasGone, keepFor, keptFor, toTell, useWantsNotices, withTold } from "./notices";
import { OutcomeField, useResult } from "./Outcome";
import { CALLBACK, isMine } from "./work";
import css from "./WorkWatch.module.css";

/** A call that is lost is looked for at least so often. */
const MISSED_AGAIN_MS = 15_000;
/** In a busy hour calls go by the second: what goes within this is asked for once. */
const TOGETHER_MS = 2_000;

export function WorkWatch() {
  const { has } = useRights();
  return (
    <>
      {has("callback.work") && <MyWork />}
      {has("missed.work") && <MissedNotices />}
    </>
  );
}

function MyWork() {
  const queries = useQueryClient();
  const live = useLiveClient();
  const agent = useAgentOfMe();
  const hasQueues = useLive((state) => [...state.parts.queues.items.values()].some(({ queue }) => queue.kind === "owned"));
  const work = useQuery({ ...workQuery, enabled: agent !== undefined && hasQueues });
  useEffect(() => live.onEvent((event) => {
    if (event.type.startsWith("interaction.")) void queries.invalidateQueries({ queryKey: WORK_KEY });
  }), [live, queries]);
  const { offer, effective } = agent?.state ?? {};
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: WORK_KEY });
  }, [offer, effective, queries]);
  const mine = (work.data ?? []).filter((one) => isMine(one, agent?.id) && one.state !== "waiting");
  if (mine.length === 0) return null;
  return <div className={css.layer}>{mine.map((one) => <WorkCard key={one.id} one={one} />)}</div>;
}

/** What I am asked for or do, what it is about, and what I can do with it. */
function WorkCard({ one }: { one: Interaction }) {
  const queue = useLive((state) => state.parts.queues.items.get(one.queue)?.queue.name);
  const isCallback = one.medium === CALLBACK;
  const isOffered = one.state === "offered";
  const about = one.subject || m.notice_no_subject();
  const title = isOffered ? (isCallback ? m.notice_callback_rings({ number: phone(one.number) }) : m.notice_offered({ medium: one.medium })) : m.notice_working({ what: phone(one.number) || one.medium });
  useEffect(() => {
    if (isOffered) announce(`${title} ${about}`, "assertive");
  }, [isOffered, title, about]);
  const accept = useDeed(() => act(one.id, { action: "accept" }), m.notice_accept());
  const reject = useDeed(() => act(one.id, { action: "reject" }), m.notice_reject());
  const result = useResult(one.id);
  const finish = useDeed(() => act(one.id, { action: "finish", seen_agent: one.agent ?? null, ...result.body }), m.notice_finish());
  const Icon = isCallback ? PhoneForwarded : Phone;
  return (
    <section className={css.card} data-state={isOffered ? "ringing" : "talking"} aria-label={m.notice_work()}>
      <div className={css.head}><Icon aria-hidden /><span>{title}</span></div>
      <p className={css.about}>{about}</p>
      <p className={css.note}>{[queue, isCallback && isOffered ? m.notice_lift() : null].filter(Boolean).join(" · ")}</p>
      {!isOffered && <OutcomeField value={result.outcome} onChange={result.setOutcome} />}
      <div className={css.buttons}>
        {isOffered && !isCallback && <Button kind="answer" icon={<Check aria-hidden />} isPending={accept.isPending} onPress={() => accept.run()}>{m.notice_accept()}</Button>}
        {isOffered && <Button icon={<X aria-hidden />} isPending={reject.isPending} onPress={() => reject.run()}>{m.notice_reject()}</Button>}
        {!isOffered && <Button icon={<Check aria-hidden />} isPending={finish.isPending} onPress={() => finish.run(result.clear)}>{m.notice_finish()}</Button>}
      </div>
    </section>
  );
}

/** Nothing to see: one message per missed call, for whom asked for it. */
function MissedNotices() {
  const queries = useQueryClient();
  const user = useMe().user ?? "";
  const wants = useWantsNotices(user);
  const isHere = useLive((state) => state.lease === "granted");
  const missed = useQuery({ ...missedQuery, enabled: wants && isHere, refetchInterval: MISSED_AGAIN_MS });
  // A call that goes, or a caller that waits no more, may be one that was missed; one that comes is none yet.
  const picture = useLive((state) => (!wants ? "" : [...state.parts.calls.items.keys(), ...[...state.parts.queues.items.values()].flatMap(({ waiting }) => waiting.map(({ id }) => id))].join(" ")));
  const seen = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    const before = seen.current;
    seen.current = picture;
    if (!wants || timer.current !== null || !hasGone(before, picture)) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      void queries.invalidateQueries({ queryKey: MISSED_KEY });
    }, TOGETHER_MS);
  }, [picture, wants, queries]);
  useEffect(() => () => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
  }, []);
  const rows = missed.data;
  useEffect(() => {
    const kept = keptFor(user);
    if (rows === undefined || kept === null || !isHere) return;
    const fresh = toTell(rows, kept);
    if (fresh.length === 0) return;
    keepFor(user, withTold(kept, fresh.map(({ call }) => call)));
    for (const one of fresh) {
      const title = m.notice_missed({ name: partyName(one.calling) });
      toast({ kind: "warn", key: `missed:${one.call}`, title, action: { label: m.notice_missed_open(), run: () => go(paths.missed(one.call)) } });
    }
  }, [rows, user, isHere]);
  return null;
}
