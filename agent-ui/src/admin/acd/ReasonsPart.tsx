import { ArrowDown, ArrowUp, Plus } from "lucide-react";
import type { PauseReason } from "../../api/types";
import { labelOf } from "../../domain/locale";
import { toast } from "../../app/toast";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Switch } from "../../ui/Choice/Choice";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Tag } from "../../ui/Tag/Tag";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { NumberField } from "./fields";
import { keyOf, moved } from "./forms";
import type { Whole } from "./useWhole";
import css from "./acd.module.css";

const FRESH: PauseReason = { code: "", labels: { en: "", cs: "" }, paid: true, productive: false, active: true, max_minutes: null, phone_code: null };
const LABELS = [["cs", "Čeština"], ["en", "English"]] as const;

/** Breaks that agents choose from: words, what they count as, how long. History names them, so none is ever taken away. */
export function ReasonsPart({ reasons }: { reasons: Whole<PauseReason> }) {
  const { items } = reasons;
  const known = new Set((reasons.query.data?.data.items ?? []).map(({ code }) => code));
  const put = (at: number, change: Partial<PauseReason>) => reasons.set(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  const done = () => { reasons.drop(); toast({ kind: "good", title: m.admin_saved() }); };
  return (
    <Pane
      title={m.acd_reasons()}
      note={m.acd_reasons_note()}
      head="admin"
      actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={() => reasons.set([...items, FRESH])}>{m.acd_reason_add()}</Button>}
      foot={<SaveBar save={reasons.save} faults={Object.keys(reasons.trial.fields).length} isDirty={reasons.isDirty} onSave={() => reasons.save.run(items, done)} onDiscard={reasons.drop} onTheirs={reasons.drop} />}
    >
      <Loaded query={reasons.query} title={m.acd_reasons_unread()}>
        {() => (
          <ol className={css.reasons} aria-label={m.acd_reasons()}>
            {items.map((one, at) => (
              <li key={at} aria-label={labelOf(one.labels, one.code)} data-over={one.active === false || undefined}>
                <ReasonFields one={one} isKnown={known.has(one.code)} set={(change) => put(at, change)} error={(field) => reasons.error(`${at}.${field}`)} />
                <div className={css.moves}>
                  <IconButton kind="quiet" size="sm" icon={<ArrowUp aria-hidden />} label={m.acd_up({ name: labelOf(one.labels, one.code) })} reason={at === 0 ? m.acd_is_first() : null} onPress={() => reasons.set(moved(items, at, at - 1))} />
                  <IconButton kind="quiet" size="sm" icon={<ArrowDown aria-hidden />} label={m.acd_down({ name: labelOf(one.labels, one.code) })} reason={at === items.length - 1 ? m.acd_is_last() : null} onPress={() => reasons.set(moved(items, at, at + 1))} />
                </div>
              </li>
            ))}
          </ol>
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
      <NumberField label={m.acd_max_minutes()} unit="min" min={1} max={1_440} optional value={one.max_minutes ?? null} onChange={(minutes) => set({ max_minutes: minutes })} error={error("max_minutes")} />
      <NumberField label={m.acd_phone_code()} min={1} max={99} optional value={one.phone_code ?? null} onChange={(code) => set({ phone_code: code })} error={error("phone_code")} />
      <div className={css.switches}>
        <Switch isSelected={one.paid} onChange={(paid) => set({ paid })}>{m.acd_paid_break()}</Switch>
        <Switch isSelected={one.productive ?? false} onChange={(productive) => set({ productive })}>{m.acd_productive()}</Switch>
        {one.by_system ? <Tag>{m.acd_by_system()}</Tag> : <Switch isSelected={one.active !== false} onChange={(active) => set({ active })}>{m.acd_offered()}</Switch>}
      </div>
    </div>
  );
}
