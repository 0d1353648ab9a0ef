import { CheckCheck, LogOut, PhoneIncoming, TriangleAlert } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { useAgentOfMe, useLive, useLiveClient, useMe, useSession } from "../app/hooks";
import { OfflineBanner } from "../app/OfflineBanner";
import { Shortcuts } from "../app/Shortcuts";
import { pageTitle } from "../app/title";
import { Toasts } from "../app/Toasts";
import { DialField } from "../desk/bar/DialField";
import { LineCard } from "../desk/bar/LineCard";
import { currentLine } from "../desk/bar/lines";
import { LinkLights } from "../desk/bar/LinkLights";
import { StateButton } from "../desk/bar/StateButton";
import { useLines } from "../desk/bar/useLines";
import { WrapUpLine } from "../desk/bar/WrapUpLine";
import { useDesk } from "../desk/desk";
import { LookupTag } from "../desk/stage/PopCard";
import { Category } from "../desk/tools/Category";
import { Note } from "../desk/tools/Note";
import { TransferPanel } from "../desk/transfer/TransferPanel";
import { useCall, useCaller, usePop } from "../desk/useCall";
import { useWrapUpCall } from "../desk/useFocus";
import { phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { IconButton } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { guest, wish } from "./host";
import { follow } from "./follow";
import css from "./Embed.module.css";

/** The desk as narrow as a phone: my state, the dial field, my calls, and what belongs to the call. */
export function EmbedDesk() {
  useTellHost();
  const lines = useLines();
  const wrapUp = useWrapUpCall();
  const agent = useAgentOfMe();
  const { signOut } = useSession();
  const current = currentLine(lines);
  const call = current?.call.id ?? wrapUp;
  useEffect(() => pageTitle.set(m.desk_title()), []);
  useEffect(() => wish(call !== null), [call]);
  return (
    <div className={css.desk}>
      <header className={css.bar}>
        <StateButton />
        <LinkLights />
        <IconButton kind="quiet" label={m.profile_sign_out()} icon={<LogOut aria-hidden />} onPress={signOut} />
      </header>
      <OfflineBanner />
      <main className={css.main}>
        <h1 className="visually-hidden">{m.desk_title()}</h1>
        <div className={css.dial}><DialField /></div>
        {lines.map((line) => <div key={line.call.id} className={css.line}><LineCard line={line} isCurrent={line === current} hasOther={lines.length > 1} /></div>)}
        {lines.length === 0 && wrapUp !== null && agent !== undefined && <div className={css.line}><WrapUpLine agent={agent} /></div>}
        {call === null ? <Empty icon={<PhoneIncoming />} title={m.bar_no_call()}>{m.embed_idle()}</Empty> : <OfCall key={call} id={call} />}
      </main>
      <Toasts />
      <Shortcuts />
    </div>
  );
}

function useTellHost(): void {
  const live = useLiveClient();
  const me = useMe();
  useEffect(() => follow(live, me), [live, me]);
}

/** Who is at the other end, the note, the category, and where the call may go. */
function OfCall({ id }: { id: string }) {
  const { call } = useCall(id);
  const pop = usePop(id);
  const caller = useCaller(call, pop);
  const { transfer } = useDesk();
  const queue = useLive((state) => (call?.queue ? state.parts.queues.items.get(call.queue)?.queue.name : undefined)) ?? pop?.queue_name;
  const facts = [caller.contact?.company, phone(caller.party.number), queue].filter((one) => one);
  return (
    <article className={css.call} data-call={id} aria-label={m.desk_note_and_category()}>
      <div className={css.who}>
        <span className={css.facts}>{facts.join(" · ")}</span>
        <LookupTag caller={caller} />
      </div>
      {transfer === id && call?.state === "live" && <TransferPanel call={call} />}
      <Note id={id} call={call} />
      {call !== undefined && call.answered_at && <Category id={id} call={call} />}
      <Fate id={id} />
    </article>
  );
}

/** What the page around said of the log. */
function Fate({ id }: { id: string }) {
  const fate = useSyncExternalStore(guest.subscribe, guest.fates).get(id);
  if (fate === undefined) return null;
  return (
    <p className={css.fate} role="status" data-tone={fate.kind === "saved" ? "good" : "warn"}>
      {fate.kind === "saved" ? <CheckCheck aria-hidden /> : <TriangleAlert aria-hidden />}
      {fate.kind === "saved" ? m.embed_logged() : m.embed_not_logged({ detail: fate.detail })}
    </p>
  );
}
