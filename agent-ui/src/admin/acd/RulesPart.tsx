import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { call, withEtag } from "../../api/client";
import type { Calendar, CallMatch, EntryPreview, EntryRule } from "../../api/types";
import { dayAndTime, phone } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Checkbox } from "../../ui/Choice/Choice";
import { Empty } from "../../ui/Empty/Empty";
import { TextField } from "../../ui/Field/Field";
import { InlineError, Message } from "../../ui/Message/Message";
import { Pane, SectionHead } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { Tag } from "../../ui/Tag/Tag";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { FormGrid, Span } from "../parts/Span";
import { UnreadFields, useUnread } from "../parts/unread";
import { useSave } from "../parts/useSave";
import { MomentField } from "../../callbacks/MomentField";
import { momentOf } from "../../callbacks/work";
import { NeedsField, NumberField, Rows } from "./fields";
import { dataWay, freshRule, moved, rowFault } from "./forms";
import { TargetField, useTargetWords } from "./TargetField";
import { useFollowed } from "./useFollowed";
import { useTyped } from "./useTyped";
import type { Whole } from "./useWhole";
import css from "./acd.module.css";

/** Where arriving calls go: a table whose first rule that holds decides. */
export function RulesPart({ rules }: { rules: Whole<EntryRule> }) {
  const [open, setOpen] = useState<number | null>(null);
  const { items } = rules;
  const put = (at: number, change: Partial<EntryRule>) => rules.set(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  const add = () => {
    rules.set([...items, freshRule()]);
    setOpen(items.length);
  };
  const list = useRef<HTMLOListElement>(null);
  const follow = useFollowed(list);
  const move = (at: number, to: number) => {
    rules.set(moved(items, at, to));
    follow(at, to);
    setOpen(open === at ? to : open === to ? at : open);
  };
  const drop = (at: number) => {
    rules.set(items.filter((_, nth) => nth !== at));
    setOpen(null);
  };
  return (
    <Pane
      title={m.acd_rules()}
      note={m.acd_rules_note()}
      head="admin"
      actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={add}>{m.acd_rule_add()}</Button>}
      foot={<SaveBar save={rules.save} faults={rules.faults} isDirty={rules.isDirty} onSave={() => rules.store()} onDiscard={rules.drop} onTheirs={rules.drop} />}
    >
      <Loaded query={rules.query} title={m.acd_rules_unread()}>
        {() => (items.length === 0 ? <Empty icon={<Plus />} title={m.acd_rules_none()}>{m.acd_rules_none_text()}</Empty> : (
          <UnreadFields of={rules.unread}><ol ref={list} className={css.ruleList} aria-label={m.acd_rules()}>
            {items.map((rule, at) => (
              <li key={at}>
                <RuleLine rule={rule} at={at} count={items.length} isOpen={open === at} isWrong={isWrong(rules.trial.fields, at)} onOpen={() => setOpen(open === at ? null : at)} onMove={(to) => move(at, to)} onDrop={() => drop(at)} />
                {open === at && <RuleFields rule={rule} set={(change) => put(at, change)} error={(field) => rules.error(`${at}.${field}`)} />}
              </li>
            ))}
          </ol></UnreadFields>
        ))}
      </Loaded>
    </Pane>
  );
}

const isWrong = (fields: Record<string, string>, at: number): boolean => Object.keys(fields).some((name) => name.startsWith(`items.${at}.`));

interface RuleLineProps {
  rule: EntryRule;
  at: number;
  count: number;
  isOpen: boolean;
  isWrong: boolean;
  onOpen: () => void;
  onMove: (to: number) => void;
  onDrop: () => void;
}

function RuleLine({ rule, at, count, isOpen, isWrong: wrong, onOpen, onMove, onDrop }: RuleLineProps) {
  const wordsOfTarget = useTargetWords();
  const name = rule.name || m.acd_rule_unnamed();
  return (
    <div className={css.ruleLine} data-open={isOpen || undefined}>
      <span className={css.place}>{at + 1}</span>
      <button type="button" className={css.ruleName} aria-expanded={isOpen} onClick={onOpen}>
        <span className={css.strong}>{name}</span>
        <span>{[whenWords(rule.when ?? {}) || m.acd_rule_always(), wordsOfTarget(rule.to)].join(" → ")}</span>
      </button>
      {wrong && <Tag tone="bad">{m.acd_wrong()}</Tag>}
      <IconButton data-move="up" kind="quiet" size="sm" icon={<ArrowUp aria-hidden />} label={m.acd_up({ name })} reason={at === 0 ? m.acd_is_first() : null} onPress={() => onMove(at - 1)} />
      <IconButton data-move="down" kind="quiet" size="sm" icon={<ArrowDown aria-hidden />} label={m.acd_down({ name })} reason={at === count - 1 ? m.acd_is_last() : null} onPress={() => onMove(at + 1)} />
      <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.acd_take_away({ what: name })} onPress={onDrop} />
    </div>
  );
}

/** What a rule asks of a call, in one line. */
function whenWords(when: Partial<CallMatch>): string {
  const parts = [
    when.point && m.acd_if_point({ point: when.point }),
    when.dialled && m.acd_if_dialled({ number: when.dialled }),
    when.caller && m.acd_if_caller({ number: when.caller }),
    when.withheld === true && m.acd_if_withheld(),
    when.withheld === false && m.acd_if_shown(),
    when.known === true && m.acd_if_known(),
    when.known === false && m.acd_if_unknown(),
    when.status && m.acd_if_status({ status: when.status }),
    when.open && m.acd_if_open({ name: when.open }),
    when.closed && m.acd_if_closed({ name: when.closed }),
    ...Object.entries(when.data ?? {}).map(([key, value]) => `${key} = ${value}`),
  ];
  return parts.filter((part) => typeof part === "string" && part !== "").join(", ");
}

const ANY = "any";
const NO_MATCH: CallMatch = { point: null, dialled: null, caller: null, withheld: null, known: null, status: null, data: {}, open: null, closed: null };

function RuleFields({ rule, set, error }: { rule: EntryRule; set: (change: Partial<EntryRule>) => void; error: (field: string) => string | undefined }) {
  const when = { ...NO_MATCH, ...rule.when };
  const match = (change: Partial<CallMatch>) => set({ when: { ...when, ...change } });
  const text = (name: "point" | "dialled" | "caller" | "status", label: string, hint: string) => (
    <Span of={2}><TextField label={label} mono hint={hint} value={when[name] ?? ""} onChange={(value) => match({ [name]: value.trim() === "" ? null : value.trim() })} error={error(`when.${name}`)} /></Span>
  );
  const calendars = useQuery({ queryKey: ["calendars"], queryFn: () => withEtag<{ items: Calendar[] }>("GET", "/v1/calendars") });
  const hours = [{ id: ANY, label: m.acd_any() }, ...(calendars.data?.data.items ?? []).map(({ name }) => ({ id: name, label: name }))];
  const withheld = [{ id: ANY, label: m.acd_any() }, { id: "true", label: m.acd_withheld_only() }, { id: "false", label: m.acd_shown_only() }];
  const known = [{ id: ANY, label: m.acd_any() }, { id: "true", label: m.acd_known_only() }, { id: "false", label: m.acd_unknown_only() }];
  return (
    <div className={css.ruleForm}>
      <FormGrid>
        <Span of={4}><TextField label={m.admin_name()} isRequired value={rule.name} onChange={(name) => set({ name })} error={error("name")} /></Span>
        <Span of={2}><NumberField label={m.acd_rule_priority()} min={-10_000} max={10_000} value={rule.priority ?? 0} onChange={(priority) => set({ priority })} error={error("priority")} /></Span>
        {text("point", m.acd_point(), m.acd_point_hint())}
        {text("dialled", m.acd_dialled(), m.acd_begins())}
        {text("caller", m.acd_caller(), m.acd_begins())}
        <Span of={2}><Select label={m.acd_withheld()} choices={withheld} value={when.withheld === null ? ANY : String(when.withheld)} onChange={(id) => match({ withheld: id === ANY ? null : id === "true" })} /></Span>
        <Span of={2}><Select label={m.acd_known()} choices={known} value={when.known === null ? ANY : String(when.known)} onChange={(id) => match({ known: id === ANY ? null : id === "true" })} /></Span>
        {text("status", m.acd_status(), m.acd_status_hint())}
        <Span of={2}><Select label={m.acd_while_open()} choices={hours} value={when.open ?? ANY} onChange={(id) => match({ open: id === ANY ? null : id })} error={error("when.open")} /></Span>
        <Span of={2}><Select label={m.acd_while_closed()} choices={hours} value={when.closed ?? ANY} onChange={(id) => match({ closed: id === ANY ? null : id })} error={error("when.closed")} /></Span>
        <TargetField label={m.acd_to()} value={rule.to} onChange={(to) => set({ to })} error={(field) => error(`to.${field}`) ?? (field === "kind" ? error("to") : undefined)} />
      </FormGrid>
      <div className={css.stack}>
        <DataRows value={when.data} onChange={(data) => match({ data })} error={error("when.data")} />
        <NeedsField label={m.acd_rule_needs()} value={rule.needs ?? []} onChange={(needs) => set({ needs })} error={(field) => error(`needs.${field}`)} />
      </div>
    </div>
  );
}

/** What a call must carry; while a name is missing or stands twice, the rule keeps what it had. */
function DataRows({ value, onChange, error }: { value: Record<string, string>; onChange: (data: Record<string, string>) => void; error: string | undefined }) {
  const field = useTyped(value, onChange, dataWay);
  const faults = { missing: m.admin_fault_missing(), twice: m.acd_data_twice() };
  const faultOf = (at: number) => {
    const fault = rowFault(field.draft, at);
    return fault === null ? undefined : faults[fault];
  };
  return (
    <Rows
      label={m.acd_data()}
      items={field.draft}
      fresh={{ key: "", value: "" }}
      add={m.acd_data_add()}
      onChange={field.type}
      error={error}
      row={(one, put, at) => (
        <>
          <TextField label={m.acd_data_key()} value={one.key} onChange={(key) => put({ key })} error={faultOf(at)} />
          <TextField label={m.acd_data_value()} value={one.value} onChange={(text) => put({ value: text })} />
        </>
      )}
    />
  );
}

/** A call tried beforehand: which rule would decide, and where the call would end. Nothing rings. */
export function TryCall({ isDirty }: { isDirty: boolean }) {
  const [wish, setWish] = useState({ point: "", dialled: "", caller: "", withheld: false, at: "" });
  const at = momentOf(wish.at);
  const set = (change: Partial<typeof wish>) => setWish({ ...wish, ...change });
  const unread = useUnread();
  const [told, setTold] = useState<EntryPreview | null>(null);
  const save = useSave(() => call<EntryPreview>("POST", "/v1/entry_rules/preview", {
    body: { point: wish.point.trim(), withheld: wish.withheld, ...(wish.dialled.trim() && { dialled: wish.dialled.trim() }), ...(wish.caller.trim() && { caller: wish.caller.trim() }), ...(at !== null && { at }) },
  }), []);
  const whyNot = wish.point.trim() === "" ? m.acd_try_needs_point() : unread.count > 0 ? m.work_time_wrong() : null;
  return (
    <Pane title={m.acd_try()} note={m.acd_try_note()} head="admin" ground="canvas">
      <form onSubmit={(event) => { event.preventDefault(); if (whyNot === null) save.run(undefined, setTold); }}>
        <FormGrid>
          <Span of={3}><TextField label={m.acd_caller()} type="tel" value={wish.caller} onChange={(caller) => set({ caller })} error={save.fields.caller} /></Span>
          <Span of={3}><TextField label={m.acd_dialled()} type="tel" value={wish.dialled} onChange={(dialled) => set({ dialled })} error={save.fields.dialled} /></Span>
          <Span of={3}><TextField label={m.acd_point()} mono isRequired value={wish.point} onChange={(point) => set({ point })} error={save.fields.point} /></Span>
          <Span of={3}><UnreadFields of={unread}><MomentField label={m.acd_try_at()} value={wish.at} onChange={(text) => set({ at: text })} hint={m.acd_try_now()} error={save.fields.at} /></UnreadFields></Span>
          <Span of={6}><Checkbox isSelected={wish.withheld} onChange={(isOn) => set({ withheld: isOn })}>{m.acd_try_withheld()}</Checkbox></Span>
          <Span of={6}><Button type="submit" kind="primary" isPending={save.isPending} reason={whyNot}>{m.acd_try_do()}</Button></Span>
        </FormGrid>
      </form>
      {isDirty && <div className={css.padded}><Message tone="info">{m.acd_try_saved_only()}</Message></div>}
      {save.problem !== null && Object.keys(save.fields).length === 0 && <div className={css.padded}><InlineError>{save.problem}</InlineError></div>}
      {told !== null && save.problem === null && <Told told={told} />}
    </Pane>
  );
}

function recognised({ known, status }: EntryPreview): string {
  if (!known) return m.acd_told_known_no();
  return status ? m.acd_told_known_status({ status }) : m.acd_told_known_yes();
}

function Told({ told }: { told: EntryPreview }) {
  const words = useTargetWords();
  const facts: [string, string | null | undefined][] = [
    [m.acd_told_rule(), told.rule ?? m.acd_told_no_rule()],
    [m.acd_told_to(), words(told.to)],
    [m.acd_told_ends(), words(told.ends)],
    [m.acd_told_open(), told.queue_open === null || told.queue_open === undefined ? null : told.queue_open ? m.acd_open_then() : m.acd_closed_then()],
    [m.acd_told_priority(), told.priority === 0 ? null : String(told.priority)],
    [m.acd_told_caller(), phone(told.caller)],
    [m.acd_told_known(), told.caller && recognised(told)],
    [m.acd_told_dialled(), phone(told.dialled)],
  ];
  return (
    <section aria-label={m.acd_told()} role="status">
      <SectionHead title={m.acd_told()} note={dayAndTime(Date.now())} />
      {told.blocked_by && <div className={css.padded}><Message tone="warn" title={m.acd_told_blocked()}>{told.blocked_by}</Message></div>}
      <dl className={css.facts}>{facts.map(([name, value]) => value && <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  );
}
