import type { CallbackWhen } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { TextField } from "../../ui/Field/Field";
import { Select } from "../../ui/Select/Select";
import { FormGrid, Span } from "../parts/Span";
import { ClockField, NumberField, Rows, WordsField } from "./fields";
import { freeKey, freshWhen, PHONE_KEYS, type QueueForm } from "./forms";
import { TargetField } from "./TargetField";
import css from "./acd.module.css";

/** What a part of the form of a queue is given. */
export interface Fields {
  id: string;
  form: QueueForm;
  set: (change: Partial<QueueForm>) => void;
  /** What the server says of a field. */
  error: (field: string) => string | undefined;
}

const KEYS = PHONE_KEYS.map((key) => ({ id: key, label: key }));

/** What callers hear while they wait, and what they may press. */
export function Sounds({ id, form, set, error }: Fields) {
  const { sounds } = form;
  const put = (change: Partial<QueueForm["sounds"]>) => set({ sounds: { ...sounds, ...change } });
  const text = (name: "music" | "welcome" | "position" | "expected_wait" | "callback" | "callback_choice", label: string, hint?: string) => (
    <Span of={3}><TextField label={label} labelNote={m.admin_optional()} mono value={sounds[name]} onChange={(value) => put({ [name]: value })} error={error(`sounds.${name}`)} {...(hint === undefined ? {} : { hint })} /></Span>
  );
  return (
    <>
      <FormGrid>
        {text("music", m.acd_music(), m.acd_music_hint())}
        {text("welcome", m.acd_welcome())}
        <Span of={3}><WordsField label={m.acd_comfort()} value={sounds.comfort} onChange={(comfort) => put({ comfort })} hint={m.acd_comfort_hint()} error={error("sounds.comfort") ?? error("sounds.comfort.0")} /></Span>
        <Span of={3}><NumberField label={m.acd_every()} unit="s" max={3_600} scale={1_000} value={sounds.every_ms} onChange={(ms) => put({ every_ms: ms })} hint={m.acd_every_hint()} error={error("sounds.every_ms")} /></Span>
        {text("position", m.acd_position())}
        {text("expected_wait", m.acd_expected_wait())}
        {text("callback", m.acd_callback(), m.acd_callback_hint())}
        <Span of={3}><Select label={m.acd_callback_key()} choices={[{ id: "", label: m.acd_no_key() }, ...KEYS]} value={sounds.callback_key} onChange={(callback_key) => put({ callback_key })} error={error("sounds.callback_key")} /></Span>
        {text("callback_choice", m.acd_callback_choice(), m.acd_callback_choice_hint())}
      </FormGrid>
      <div className={css.stack}>
        <CallbackTimes form={form} set={set} error={error} />
        <Keys id={id} form={form} set={set} error={error} />
      </div>
    </>
  );
}

/** The times that a caller may choose for a callback, each by its key. */
function CallbackTimes({ form: { sounds }, set, error }: Omit<Fields, "id">) {
  const at = "sounds.callback_times";
  return (
    <Rows
      label={m.acd_callback_times()}
      items={sounds.callback_times}
      fresh={{ key: freeKey(sounds.callback_times.map(({ key }) => key)), when: freshWhen("after") }}
      add={m.acd_callback_time_add()}
      empty={m.acd_callback_times_none()}
      error={error(at)}
      onChange={(callback_times) => set({ sounds: { ...sounds, callback_times } })}
      row={(one, put, nth) => (
        <>
          <Select label={m.acd_pressed_key()} choices={KEYS} value={one.key || null} onChange={(key) => put({ key })} error={error(`${at}.${nth}.key`)} />
          <WhenField value={one.when} onChange={(when) => put({ when })} error={(field) => error(`${at}.${nth}.when${field}`)} />
        </>
      )}
    />
  );
}

function WhenField({ value, onChange, error }: { value: CallbackWhen; onChange: (when: CallbackWhen) => void; error: (field: string) => string | undefined }) {
  const kinds = [{ id: "now", label: m.acd_callback_now() }, { id: "after", label: m.acd_callback_after() }, { id: "at", label: m.acd_callback_at() }];
  return (
    <>
      <Select label={m.work_due()} choices={kinds} value={value.kind} onChange={(kind) => onChange(freshWhen(kind))} error={error("")} />
      {value.kind === "after" && <NumberField label={m.acd_callback_minutes()} unit="min" min={1} max={10_080} value={value.minutes} onChange={(minutes) => onChange({ ...value, minutes })} error={error(".minutes")} />}
      {value.kind === "at" && <NumberField label={m.acd_callback_days()} max={7} value={value.days} onChange={(days) => onChange({ ...value, days })} hint={m.acd_callback_days_hint()} error={error(".days")} />}
      {value.kind === "at" && <ClockField label={m.acd_callback_clock()} value={value.minute} onChange={(minute) => onChange({ ...value, minute })} error={error(".minute")} />}
    </>
  );
}

/** Keys by which a waiting caller goes elsewhere. */
function Keys({ id, form: { keys, sounds }, set, error }: Fields) {
  return (
    <Rows
      label={m.acd_keys()}
      items={keys}
      fresh={{ key: freeKey([sounds.callback_key, ...keys.map(({ key }) => key)]), to: { kind: "fallback" } }}
      add={m.acd_key_add()}
      empty={m.acd_keys_none()}
      error={error("keys")}
      onChange={(next) => set({ keys: next })}
      row={(one, put, nth) => (
        <>
          <Select label={m.acd_pressed_key()} choices={KEYS} value={one.key || null} onChange={(key) => put({ key })} error={error(`keys.${nth}.key`)} />
          <TargetField label={m.acd_to()} value={one.to} except={id} onChange={(to) => put({ to })} error={(field) => error(`keys.${nth}.to.${field}`) ?? (field === "kind" ? error(`keys.${nth}.to`) : undefined)} />
        </>
      )}
    />
  );
}
