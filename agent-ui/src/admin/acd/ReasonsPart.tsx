import { ArrowDown, ArrowUp, Plus } from "lucide-react";
import { useRef, useState } from "react";
import type { PauseReason } from "../../api/types";
import { labelOf } from "../../domain/locale";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Switch } from "../../ui/Choice/Choice";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Tag } from "../../ui/Tag/Tag";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { UnreadFields } from "../parts/unread";
import { OptionalNumberField } from "./fields";
import { keyOf, moved } from "./forms";
import { useFollowed } from "./useFollowed";
import type { Whole } from "./useWhole";
import css from "./acd.module.css";

const FRESH: PauseReason = { code: "", labels: { en: "", cs: "" }, paid: true, productive: false, active: true, max_minutes: null, phone_code: null };
const LABELS = [["cs", "Čeština"], ["en", "English"]] as const;

/** Breaks that agents choose from: words, what they count as, how long. History names them, so none is ever taken away. */
export function ReasonsPart({ reasons }: { reasons: Whole<PauseReason> }) {
  const { items } = reasons;
  const known = new Set((reasons.query.data?.data.items ?? []).map(({ code }) => code));
  const list = useRef<HTMLOListElement>(null);
  const follow = useFollowed(list);
  const [round, setRound] = useState(0);
  const move = (at: number, to: number) => {
    reasons.set(moved(items, at, to));
    // What was typed in one row is not shown in the one that stands there now.
    setRound(round + 1);
    follow(at, to);
  };
  const put = (at: number, change: Partial<PauseReason>) => reasons.set(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  return (
    <Pane
      title={m.acd_reasons()}
      note={m.acd_reasons_note()}
      head="admin"
      actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={() => reasons.set([...items, FRESH])}>{m.acd_reason_add()}</Button>}
      foot={<SaveBar save={reasons.save} faults={reasons.faults} isDirty={reasons.isDirty} onSave={() => reasons.store()} onDiscard={reasons.drop} onTheirs={reasons.drop} />}
    >
      <Loaded query={reasons.query} title={m.acd_reasons_unread()}>
        {() => (
          <UnreadFields of={reasons.unread}><ol ref={list} className={css.reasons} aria-label={m.acd_reasons()}>
            {items.map((one, at) => (
              <li key={`${round}.${at}`} aria-label={labelOf(one.labels, one.code)} data-over={one.active === false || undefined}>
                <ReasonFields one={one} isKnown={known.has(one.code)} set={(change) => put(at, change)} error={(field) => reasons.error(`${at}.${field}`)} />
                <div className={css.moves}>
                  <IconButton data-move="up" kind="quiet" size="sm" icon={<ArrowUp aria-hidden />} label={m.acd_up({ name: labelOf(one.labels, one.code) })} reason={at === 0 ? m.acd_is_first() : null} onPress={() => move(at, at - 1)} />
                  <IconButton data-move="down" kind="quiet" size="sm" icon={<ArrowDown aria-hidden />} label={m.acd_down({ name: labelOf(one.labels, one.code) })} reason={at === items.length - 1 ? m.acd_is_last() : null} onPress={() => move(at, at + 1)} />
                </div>
              </li>
            ))}
          </ol></UnreadFields>
        )}
      </Loaded>
    </Pane>
  );
}

interface ReasonFieldsProps {
  one: PauseReason;
  /** It exists: its code never changes. */
  isKnown: boolean;
  set: (change: Partial<PauseReason>) => void;
  error: (field: string) => string | undefined;
}

function ReasonFields({ one, isKnown, set, error }: ReasonFieldsProps) {
  const label = (language: string, text: string) => {
    const labels = { ...one.labels, [language]: text };
    const isOwnCode = !isKnown && one.code === keyOf(one.labels.en ?? "").replaceAll("-", "_");
    set({ labels, ...(isOwnCode ? { code: keyOf(labels.en ?? "").replaceAll("-", "_") } : {}) });
  };
  return (
    <div className={css.reasonFields}>
      {LABELS.map(([language, name]) => <TextField key={language} label={name} value={one.labels[language] ?? ""} onChange={(text) => label(language, text)} error={error(`labels.${language}`) ?? (language === "en" ? error("labels") : undefined)} />)}
      <TextField label={m.acd_code()} mono isReadOnly={isKnown} value={one.code} onChange={(code) => set({ code })} error={error("code")} />
      <OptionalNumberField label={m.acd_max_minutes()} unit="min" min={1} max={1_440} value={one.max_minutes ?? null} onChange={(minutes) => set({ max_minutes: minutes })} error={error("max_minutes")} />
      <OptionalNumberField label={m.acd_phone_code()} min={1} max={99} value={one.phone_code ?? null} onChange={(code) => set({ phone_code: code })} error={error("phone_code")} />
      <div className={css.switches}>
        <Switch isSelected={one.paid} onChange={(paid) => set({ paid })}>{m.acd_paid_break()}</Switch>
        <Switch isSelected={one.productive ?? false} onChange={(productive) => set({ productive })}>{m.acd_productive()}</Switch>
        {one.by_system ? <Tag>{m.acd_by_system()}</Tag> : <Switch isSelected={one.active !== false} onChange={(active) => set({ active })}>{m.acd_offered()}</Switch>}
      </div>
    </div>
  );
}
