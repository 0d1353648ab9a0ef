import { X } from "lucide-react";
import type { CallDetail } from "../../api/types";
import { clock, duration, initials, partyName, phone } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Avatar, Tag } from "../../ui/Tag/Tag";
import { desk } from "../desk";
import type { Caller } from "../useCall";
import { useState } from "react";
import { CallFacts } from "./CallFacts";
import { ContactCard } from "./ContactCard";
import { HistoryTable } from "./HistoryTable";
import { MatchList } from "./MatchList";
import { NewCaller } from "./NewCaller";
import { waitedMs } from "./phase";
import { LookupTag, useQueueName } from "./PopCard";
import { Records } from "./Records";
import css from "./Stage.module.css";

interface CallStageProps {
  call: CallDetail;
  caller: Caller;
}

/** A call in progress or an ended one: the person, why we think so, the fields, the history. */
export function CallStage({ call, caller }: CallStageProps) {
  const { contact, party } = caller;
  const name = partyName(party, contact);
  const number = phone(party.number);
  const isOver = call.state !== "live";
  return (
    <>
      <header className={css.head}>
        <Avatar>{contact === null ? "?" : initials(contact.name)}</Avatar>
        <div className={css.names}>
          <h2 className={css.name}>{name}</h2>
          <p className={css.subline}>{[contact?.company, name === number ? null : number].filter(Boolean).join(" · ") || (caller.lookup === null ? m.desk_looking_up() : party.withheld ? m.desk_number_withheld() : m.desk_number_unknown())}</p>
        </div>
        {isOver && <Button icon={<X aria-hidden />} onPress={() => desk.close(call.id)}>{m.desk_close()}</Button>}
      </header>
      <Strip call={call} caller={caller} />
      {isOver && <div className={css.over}><CallFacts call={call} /></div>}
      <Person call={call.id} caller={caller} />
      <Records call={call.id} />
      <HistoryTable rows={caller.history} except={call.id} isReady={caller.isHistoryReady} error={caller.historyError} />
    </>
  );
}

function Strip({ call, caller }: CallStageProps) {
  const queue = useQueueName(call.queue ?? null);
  const waited = waitedMs(call);
  const attempt = call.offers.at(-1)?.attempt;
  const said = [
    call.state === "live" || !call.ended_at ? null : m.desk_ended_at({ time: clock(call.ended_at) }),
    waited === null ? null : m.desk_waited({ time: duration(waited) }),
    attempt === undefined || call.state !== "live" ? null : m.desk_attempt_no({ count: attempt }),
  ].filter((word) => word !== null);
  return <div className={css.strip}><LookupTag caller={caller} />{queue !== null && <Tag look="outlined">{queue}</Tag>}<span className={css.said}>{said.join(" · ")}</span></div>;
}

/** The contact, or what to do where there is none. */
export function Person({ call, caller }: { call: string; caller: Caller }) {
  const [wantsNew, setWantsNew] = useState(false);
  const { contact, lookup, party } = caller;
  const number = party.number?.e164 ?? party.number?.raw ?? "";
  const matches = lookup?.matches ?? [];
  if (contact !== null) return <ContactCard key={contact.id} contact={contact} />;
  if (lookup === null || lookup.outcome === "internal") return null;
  if (matches.length > 0 && !wantsNew) return <section aria-label={m.desk_who_calls()} className={css.person}><MatchList call={call} matches={matches} onNobody={() => setWantsNew(true)} /></section>;
  if (party.withheld || number === "") return <p className={css.quiet}>{m.desk_withheld_text()}</p>;
  return <section className={css.person}><NewCaller call={call} number={number} proposal={party.name ?? ""} /></section>;
}
