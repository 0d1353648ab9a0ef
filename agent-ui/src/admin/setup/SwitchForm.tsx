import { m } from "../../i18n/generated/messages.js";
import { getLocale } from "../../i18n/generated/runtime.js";
import { Switch } from "../../ui/Choice/Choice";
import { Disclosure } from "../../ui/Disclosure/Disclosure";
import { TextArea, TextField } from "../../ui/Field/Field";
import { Message } from "../../ui/Message/Message";
import { SectionHead } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import type { SwitchView } from "../../api/types";
import { FormGrid, Span } from "../parts/Span";
import parts from "../parts/parts.module.css";
import { CstaFields } from "./CstaFields";
import { isCsta, KINDS } from "./cstaForm";
import { kindName } from "./links";
import { TryNumber } from "./TryNumber";
import { Snippets } from "./Snippets";
import { freshSecret } from "./snippetTexts";
import { asKind, idOf, type SwitchDraft, withUsualPort } from "./switchForm";

export interface SwitchFormProps {
  /** The switch as it is; none for a new one. */
  view: SwitchView | undefined;
  draft: SwitchDraft;
  onChange: (draft: SwitchDraft) => void;
  /** What is wrong with a field, in words. */
  wrong: Partial<Record<keyof SwitchDraft, string>>;
}

/** What every group of fields works with. */
export interface Part {
  draft: SwitchDraft;
  isNew: boolean;
  isReadOnly: boolean;
  view: SwitchView | undefined;
  set: (change: Partial<SwitchDraft>) => void;
  /** What is wrong with a field, in words. */
  wrong: SwitchFormProps["wrong"];
  /** Value, change and fault of a text field. */
  text: (field: TextKey) => { value: string; onChange: (value: string) => void; error: string | undefined; isReadOnly: boolean };
}

type TextKey = { [Key in keyof SwitchDraft]: SwitchDraft[Key] extends string ? Key : never }[keyof SwitchDraft];

/** The definition of a switch: how to reach it, and how numbers are written there. */
export function SwitchForm({ view, draft, onChange, wrong }: SwitchFormProps) {
  const isReadOnly = view?.read_only ?? false;
  const set = (change: Partial<SwitchDraft>) => onChange({ ...draft, ...change });
  const text: Part["text"] = (field) => ({ value: draft[field], onChange: (value) => set({ [field]: value }), error: wrong[field], isReadOnly });
  const part: Part = { draft, isNew: view === undefined, isReadOnly, view, set, wrong, text };
  const csta = isCsta(draft.kind);
  const newSecrets = () => set({ password: freshSecret(), ...(draft.user_actions.trim() !== "" && { password_actions: freshSecret() }) });
  return (
    <>
      {isReadOnly && <Message look="banner" tone="info" title={m.admin_switch_read_only()}>{m.admin_switch_read_only_text({ file: view?.origin ?? "" })}</Message>}
      <FormGrid>
        <Names {...part} />
        <Kind {...part} />
        <Place {...part} />
        {csta ? <CstaUser {...part} /> : <Users {...part} />}
        {csta && <CstaFields {...part} />}
        <Rest {...part} />
      </FormGrid>
      {!isReadOnly && !csta && <div className={parts.fold}><Snippets draft={draft} isNew={part.isNew} onSecrets={newSecrets} /></div>}
      <SectionHead title={m.admin_numbers()} />
      <FormGrid><Numbers {...part} /></FormGrid>
      <div className={parts.fold}>
        <Disclosure title={m.admin_more_settings()}>
          <FormGrid flush><More {...part} /></FormGrid>
        </Disclosure>
      </div>
    </>
  );
}

function Names({ draft, isNew, text, set }: Part) {
  const name = text("name");
  const follows = isNew && draft.id === idOf(draft.name);
  return (
    <>
      <Span of={3}><TextField label={m.admin_name()} isRequired {...name} onChange={(value) => set(follows ? { name: value, id: idOf(value) } : { name: value })} /></Span>
      <Span of={3}><TextField label={m.admin_id()} isRequired {...text("id")} isReadOnly={!isNew} mono hint={isNew ? m.admin_id_hint() : undefined} /></Span>
    </>
  );
}

function Kind({ draft, set, isReadOnly, wrong }: Part) {
  const choices = KINDS.map((id) => ({ id, label: kindName(id) }));
  return <Span of={6}><Select label={m.admin_switch_kind()} choices={choices} value={draft.kind} onChange={(kind) => set(asKind(draft, kind))} isDisabled={isReadOnly} error={wrong.kind} /></Span>;
}

function Place({ draft, text, set, isReadOnly }: Part) {
  return (
    <>
      <Span of={4}><TextField label={m.admin_address()} isRequired placeholder="pbx.example" {...text("address")} /></Span>
      <Span of={2}><TextField label={m.admin_port()} inputMode="numeric" isRequired={isCsta(draft.kind)} {...text("port")} /></Span>
      <Span of={6}>
        <div className={parts.choices}>
          <Switch isSelected={draft.tls} isReadOnly={isReadOnly} onChange={(tls) => set(withUsualPort(draft, { ...draft, tls }))}>TLS</Switch>
          <Switch isSelected={draft.virtual_pbx} isReadOnly={isReadOnly} onChange={(virtual_pbx) => set({ virtual_pbx })}>{m.admin_virtual_pbx()}</Switch>
        </div>
      </Span>
      {draft.tls && <Span of={6}><TextArea label={m.admin_tls_ca()} labelNote={m.admin_optional()} rows={3} hint={m.admin_tls_ca_hint()} {...text("tls_ca")} /></Span>}
    </>
  );
}

function Users({ text, view, isReadOnly }: Part) {
  const stored = view?.password_set || isReadOnly ? m.admin_password_stored() : undefined;
  const kept = stored === undefined ? undefined : m.admin_password_kept();
  return (
    <>
      <Span of={3}><TextField label={m.admin_user_events()} isRequired autoComplete="off" {...text("user")} /></Span>
      <Span of={3}><TextField label={m.admin_password()} type="password" autoComplete="new-password" suffix={stored} hint={kept} {...text("password")} /></Span>
      <Span of={3}><TextField label={m.admin_user_actions()} autoComplete="off" {...text("user_actions")} /></Span>
      <Span of={3}><TextField label={m.admin_password()} aria-label={m.admin_password_actions()} type="password" autoComplete="new-password" suffix={stored} {...text("password_actions")} /></Span>
    </>
  );
}

/** A CSTA switch has one user, or knows none. */
function CstaUser({ text, view, isReadOnly }: Part) {
  // Where nobody signs in nothing is kept.
  const stored = view && view.user !== "" && (view.password_set || isReadOnly) ? m.admin_password_stored() : undefined;
  const kept = stored === undefined ? undefined : m.admin_password_kept();
  return (
    <>
      <Span of={3}><TextField label={m.admin_login()} labelNote={m.admin_optional()} autoComplete="off" hint={m.admin_login_hint()} {...text("user")} /></Span>
      <Span of={3}><TextField label={m.admin_password()} type="password" autoComplete="new-password" suffix={stored} hint={kept} {...text("password")} /></Span>
    </>
  );
}

function Rest({ draft, text }: Part) {
  return (
    <>
      {!isCsta(draft.kind) && <Span of={3}><TextField label={m.admin_context()} {...text("context")} /></Span>}
      <Span of={3}><TextField label={m.admin_timeout()} inputMode="numeric" suffix="s" {...text("timeout_s")} /></Span>
    </>
  );
}

const COUNTRIES = ["CZ", "SK", "PL", "DE", "AT", "IT", "CH", "HU", "SI", "HR", "RO", "BG", "FR", "ES", "PT", "BE", "NL", "LU", "DK", "SE", "NO", "FI", "EE", "LV", "LT", "UA", "RS", "GR", "IE", "GB", "US", "CA"];

function Numbers({ draft, text, set, isReadOnly }: Part) {
  const names = new Intl.DisplayNames([getLocale()], { type: "region" });
  const codes = COUNTRIES.includes(draft.country) ? COUNTRIES : [draft.country, ...COUNTRIES];
  const choices = codes.map((id) => ({ id, label: `${names.of(id) ?? id} (${id})` }));
  return (
    <>
      <Span of={3}><Select label={m.admin_country()} choices={choices} value={draft.country} onChange={(country) => set({ country })} isDisabled={isReadOnly} /></Span>
      <Span of={3}><TextField label={m.admin_extension_pattern()} mono hint={m.admin_extension_pattern_hint()} {...text("extension_pattern")} /></Span>
      <Span of={2}><TextField label={m.admin_outside_prefix()} placeholder={m.admin_none()} {...text("outside_prefix")} /></Span>
      <Span of={2}><TextField label={m.admin_trunk_prefix()} placeholder={m.admin_none()} {...text("trunk_prefix")} /></Span>
      <Span of={2}><TextField label={m.admin_international_prefix()} placeholder="+" {...text("international_prefix")} /></Span>
      <Span of={6}><TextArea label={m.admin_own_numbers()} labelNote={m.admin_optional()} rows={2} hint={m.admin_own_numbers_hint()} {...text("own_numbers")} /></Span>
      <Span of={6}><TryNumber draft={draft} /></Span>
    </>
  );
}

function More({ draft, text, set, isReadOnly }: Part) {
  const kept = [{ id: "all", label: m.admin_log_all() }, { id: "mapped", label: m.admin_log_mapped() }];
  return (
    <>
      <Span of={6}><TextField label={m.admin_trunks()} labelNote={m.admin_optional()} mono hint={m.admin_trunks_hint()} {...text("trunks")} /></Span>
      <Span of={6}><TextField label={m.admin_recordings_url()} labelNote={m.admin_optional()} type="url" {...text("recordings_url")} /></Span>
      <Span of={6}><Select label={m.admin_log_calls()} choices={kept} value={draft.log_calls} onChange={(log_calls) => set({ log_calls })} isDisabled={isReadOnly} /></Span>
    </>
  );
}
