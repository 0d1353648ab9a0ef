import { ArrowRightLeft, X } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import type { CallDetail } from "../../api/types";
import { useCommand, usePermit } from "../../app/hooks";
import { looksDialable } from "../../domain/numbers";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { SearchField } from "../../ui/Field/Field";
import { Kbd } from "../../ui/Kbd/Kbd";
import { GridList, GridRow, GridSection } from "../../ui/List/List";
import { SectionHead } from "../../ui/Pane/Pane";
import { sectionsOf } from "../colleagues/Colleagues";
import { Star } from "../colleagues/Star";
import { TargetMark, TargetState } from "../colleagues/TargetState";
import { useTargets } from "../colleagues/useTargets";
import { desk } from "../desk";
import { notes } from "../tools/note";
import css from "./Transfer.module.css";
import { placeOf, type Target } from "./targets";

/** Where the call goes: ask first is the way, at once is a button of the row. The caller's card and the note go along. */
export function TransferPanel({ call }: { call: CallDetail }) {
  const [text, setText] = useState("");
  const [picked, setPicked] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const targets = useTargets(text, true);
  const parts = sectionsOf(targets);
  const all = parts.flatMap(({ items }) => items);
  const free: Target | null = looksDialable(text) && !all.some((one) => one.number === text.trim()) ? { id: "number", kind: "number", name: text.trim(), number: text.trim() } : null;
  const target = [...all, ...(free === null ? [] : [free])].find((one) => one.id === picked) ?? (text.trim() !== "" ? (all[0] ?? free) : null);
  const place = target === null ? null : placeOf(target);
  const consult = useSend(call, "consultation_call");
  const ask = () => { if (place !== null && consult.why === null) void consult.send(place); };
  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape") { event.preventDefault(); desk.closeTransfer(); }
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) ask();
    if (event.key === "ArrowDown" && event.target instanceof HTMLInputElement) list.current?.querySelector<HTMLElement>("[role=row][data-key]")?.focus();
  };
  return (
    <section className={css.panel} aria-label={m.desk_transfer()} onKeyDown={key}>
      <SectionHead title={m.desk_transfer()} level={2} actions={<><Kbd>Esc</Kbd><IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.desk_close()} onPress={desk.closeTransfer} /></>} />
      {/* Opened by a person's press, so the focus may go to its field. */}
      <div className={css.search}><SearchField aria-label={m.desk_transfer_to()} placeholder={m.desk_transfer_hint()} size="lg" value={text} onChange={(next) => { setText(next); setPicked(null); }} autoFocus /></div>
      <div className={css.list} ref={list}>
        <GridList label={m.desk_transfer_to()} selectionMode="single" selectedKeys={target === null ? [] : [target.id]} onSelectionChange={(keys) => { const [id] = keys === "all" ? [] : keys; setPicked(id === undefined ? null : String(id)); }}>
          {[...parts, ...(free === null ? [] : [{ id: "free", title: m.desk_number(), items: [free] }])].map(({ id, title, items }) => (
            <GridSection key={id} id={id} title={title}>{items.map((one) => <TargetRow key={one.id} target={one} call={call} isPicked={one.id === target?.id} />)}</GridSection>
          ))}
        </GridList>
        {all.length === 0 && free === null && <p className={css.none}>{m.desk_nobody_found()}</p>}
      </div>
      <footer className={css.foot}>
        <Button kind="primary" size="lg" wide kbd="↵" isPending={consult.isPending} reason={consult.why ?? (target === null ? m.desk_choose_target() : place === null ? m.desk_no_number() : null)} onPress={ask}>{target === null ? m.desk_consult() : m.desk_consult_name({ name: target.name })}</Button>
        <p className={css.note}>{m.desk_consult_note()}</p>
      </footer>
    </section>
  );
}

type Place = NonNullable<ReturnType<typeof placeOf>>;

interface Send {
  send: (place: Place) => Promise<void>;
  isPending: boolean;
  /** Why not now, in words. */
  why: string | null;
}

function useSend(call: CallDetail, name: "consultation_call" | "single_step_transfer"): Send {
  const permit = usePermit(call, name);
  const { run, isPending } = useCommand(`${name}:${call.id}`);
  const send = async (place: Place) => {
    notes.flush(call.id);
    const outcome = await run(name, { call_id: call.id, ...place });
    if (outcome.ok) desk.closeTransfer();
  };
  return { send, isPending, why: permit.allowed ? null : permit.why };
}

function TargetRow({ target, call, isPicked }: { target: Target; call: CallDetail; isPicked: boolean }) {
  const { send, isPending, why } = useSend(call, "single_step_transfer");
  const place = placeOf(target);
  return (
    <GridRow id={target.id} text={target.name}>
      <TargetMark target={target} />
      <span className={css.who}>
        <span className={css.name}><span className="truncate">{target.name}</span>{target.number !== null && target.number !== target.name && <span className={css.number}>{target.number}</span>}</span>
        <TargetState target={target} />
      </span>
      {isPicked && <Button size="sm" icon={<ArrowRightLeft aria-hidden />} isPending={isPending} reason={why ?? (place === null ? m.desk_no_number() : null)} onPress={() => { if (place !== null) void send(place); }}>{m.desk_at_once()}</Button>}
      {target.kind !== "number" && target.kind !== "project" && <Star id={target.id} name={target.name} />}
    </GridRow>
  );
}
