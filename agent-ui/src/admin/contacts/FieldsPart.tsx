import { ArrowDown, ArrowUp, ListPlus, Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import type { OwnField } from "../../app/ownFields";
import { labelOf } from "../../domain/locale";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Switch } from "../../ui/Choice/Choice";
import { Empty } from "../../ui/Empty/Empty";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { WordsField } from "../acd/fields";
import { keyOf, moved } from "../acd/forms";
import { useFollowed } from "../acd/useFollowed";
import { useWhole } from "../acd/useWhole";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import css from "../acd/acd.module.css";

const FRESH: OwnField = { key: "", labels: { en: "", cs: "" }, type: "text", required: false, searchable: false, choices: [], position: 0, active: true };
const LABELS = [["cs", "Čeština"], ["en", "English"]] as const;

const TYPES: Record<string, () => string> = {
  text: m.admin_field_text,
  number: m.admin_field_number,
  date: m.admin_field_date,
  choice: m.admin_field_choice,
  yes_no: m.admin_field_yes_no,
  url: m.admin_field_url,
};

/** The fields that contacts have here beside name and numbers. What stands in one stays, so a used one is only switched off. */
export function FieldsPart({ onBack }: { onBack: () => void }) {
  const fields = useWhole<OwnField>("/v1/contact_fields", "contact_fields_whole", { touches: ["contact_fields"] });
  const { items } = fields;
  const known = new Set((fields.query.data?.data.items ?? []).map(({ key }) => key));
  const list = useRef<HTMLOListElement>(null);
  const follow = useFollowed(list);
  const [round, setRound] = useState(0);
  const move = (at: number, to: number) => {
    fields.set(moved(items, at, to));
    // What was typed in one row is not shown in the one that stands there now.
    setRound(round + 1);
    follow(at, to);
  };
  const take = (at: number) => {
    fields.set(items.filter((_, nth) => nth !== at));
    setRound(round + 1);
  };
  const put = (at: number, change: Partial<OwnField>) => fields.set(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  return (
    <Pane
      title={m.admin_fields()}
      head="admin"
      actions={<><Button size="sm" icon={<Plus aria-hidden />} onPress={() => fields.set([...items, FRESH])}>{m.admin_field_add()}</Button><Button size="sm" kind="quiet" onPress={onBack}>{m.admin_contacts()}</Button></>}
      foot={<SaveBar save={fields.save} faults={fields.faults} isDirty={fields.isDirty} onSave={() => fields.store()} onDiscard={fields.drop} onTheirs={fields.drop} />}
    >
      <Loaded query={fields.query} title={m.admin_fields_unread()}>
        {() => (items.length === 0 ? <Empty icon={<ListPlus />} title={m.admin_fields_none()}>{m.admin_fields_none_text()}</Empty> : (
          <ol ref={list} className={css.reasons} aria-label={m.admin_fields()}>
            {items.map((one, at) => (
              <li key={`${round}.${at}`} aria-label={labelOf(one.labels, one.key)} data-over={one.active === false || undefined}>
                <Field one={one} isKnown={known.has(one.key)} set={(change) => put(at, change)} error={(field) => fields.error(`${at}.${field}`)} />
                <div className={css.moves}>
                  <IconButton data-move="up" kind="quiet" size="sm" icon={<ArrowUp aria-hidden />} label={m.acd_up({ name: labelOf(one.labels, one.key) })} reason={at === 0 ? m.acd_is_first() : null} onPress={() => move(at, at - 1)} />
                  <IconButton data-move="down" kind="quiet" size="sm" icon={<ArrowDown aria-hidden />} label={m.acd_down({ name: labelOf(one.labels, one.key) })} reason={at === items.length - 1 ? m.acd_is_last() : null} onPress={() => move(at, at + 1)} />
                  <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.acd_take_away({ what: labelOf(one.labels, one.key) })} onPress={() => take(at)} />
                </div>
              </li>
            ))}
          </ol>
        ))}
      </Loaded>
    </Pane>
  );
}

interface FieldProps {
  one: OwnField;
  /** It exists: its key never changes. */
  isKnown: boolean;
  set: (change: Partial<OwnField>) => void;
  error: (field: string) => string | undefined;
}

function Field({ one, isKnown, set, error }: FieldProps) {
  const codeOf = (text: string) => keyOf(text).replaceAll("-", "_");
  const label = (language: string, text: string) => {
    const labels = { ...one.labels, [language]: text };
    const follows = !isKnown && one.key === codeOf(one.labels.en ?? "");
    set({ labels, ...(follows ? { key: codeOf(labels.en ?? "") } : {}) });
  };
  const choose = (type: string) => set({ type, ...(type === "choice" ? {} : { choices: [] }) });
  return (
    <div className={css.reasonFields}>
      {LABELS.map(([language, name]) => <TextField key={language} label={name} value={one.labels[language] ?? ""} onChange={(text) => label(language, text)} error={error(`labels.${language}`) ?? (language === "en" ? error("labels") : undefined)} />)}
      <TextField label={m.acd_code()} mono isReadOnly={isKnown} value={one.key} onChange={(key) => set({ key })} error={error("key")} />
      <Select label={m.admin_field_type()} choices={Object.entries(TYPES).map(([id, word]) => ({ id, label: word() }))} value={one.type} onChange={choose} error={error("type")} />
      {one.type === "choice" && <WordsField label={m.admin_field_choices()} value={one.choices ?? []} onChange={(choices) => set({ choices })} hint={m.admin_field_choices_hint()} error={error("choices")} />}
      <div className={css.switches}>
        <Switch isSelected={one.required ?? false} onChange={(required) => set({ required })}>{m.admin_field_required()}</Switch>
        <Switch isSelected={one.searchable ?? false} onChange={(searchable) => set({ searchable })}>{m.admin_field_searchable()}</Switch>
        <Switch isSelected={one.active !== false} onChange={(active) => set({ active })}>{m.admin_field_shown()}</Switch>
      </div>
    </div>
  );
}
