import { ExternalLink, Eye, Plus, X } from "lucide-react";
import { useState } from "react";
import type { CallbackForm } from "../../api/types";
import { LANGUAGE_NAMES, labelOf } from "../../domain/locale";
import { m } from "../../i18n/generated/messages.js";
import { getLocale } from "../../i18n/generated/runtime.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Switch } from "../../ui/Choice/Choice";
import { Empty } from "../../ui/Empty/Empty";
import { TextArea, TextField } from "../../ui/Field/Field";
import { InlineError, Message } from "../../ui/Message/Message";
import { Pane } from "../../ui/Pane/Pane";
import { Segments } from "../../ui/Segments/Segments";
import { Select } from "../../ui/Select/Select";
import { Tag } from "../../ui/Tag/Tag";
import { CopyBlock } from "../parts/CopyBlock";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { FormGrid, Span } from "../parts/Span";
import { UnreadFields } from "../parts/unread";
import { FORM_LANGUAGES, faultsOf, formFaults, type FormFaults, type FormLanguage, formPath, frameOf, freshForm, halves, notOrigins, notPrefixes, spoken, withText } from "./callbackForms";
import { NumberField, WordsField } from "./fields";
import { useOwnQueues } from "./TargetField";
import type { Whole } from "./useWhole";
import css from "./acd.module.css";

interface FormsPartProps {
  forms: Whole<CallbackForm>;
  /** The one that is written. */
  open: number | null;
  onOpen: (at: number | null) => void;
}

const nameOf = (form: CallbackForm): string => labelOf(form.titles, Object.values(form.titles)[0] ?? "") || form.key || m.acd_form_unnamed();

/** Forms by which visitors of web sites order callbacks. */
export function FormsPart({ forms, open, onOpen }: FormsPartProps) {
  const { items } = forms;
  const queues = useOwnQueues();
  const put = (at: number, change: Partial<CallbackForm>) => forms.set(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  const add = () => {
    forms.set([...items, freshForm(queues[0]?.id ?? "")]);
    onOpen(items.length);
  };
  const drop = (at: number) => {
    forms.set(items.filter((_, nth) => nth !== at));
    onOpen(null);
  };
  const faults = forms.isDirty ? faultsOf(items) : 0;
  return (
    <Pane
      title={m.acd_forms()}
      note={m.acd_forms_note()}
      head="admin"
      actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={add}>{m.acd_form_add()}</Button>}
      foot={<SaveBar save={forms.save} faults={forms.faults + faults} isDirty={forms.isDirty} onSave={() => forms.store()} onDiscard={forms.drop} onTheirs={forms.drop} />}
    >
      <Loaded query={forms.query} title={m.acd_forms_unread()}>
        {() => (items.length === 0 ? <Empty icon={<Plus />} title={m.acd_forms_none()}>{m.acd_forms_none_text()}</Empty> : (
          <UnreadFields of={forms.unread}><ul className={css.ruleList} aria-label={m.acd_forms()}>
            {items.map((form, at) => (
              <li key={at}>
                <FormLine form={form} queue={queues.find(({ id }) => id === form.queue)?.label} isOpen={open === at} isWrong={forms.isDirty && Object.keys(formFaults(items, at)).length > 0} onOpen={() => onOpen(open === at ? null : at)} onDrop={() => drop(at)} />
                {open === at && <FormFields form={form} faults={forms.isDirty ? formFaults(items, at) : {}} set={(change) => put(at, change)} error={(field) => forms.error(`${at}.${field}`)} />}
              </li>
            ))}
          </ul></UnreadFields>
        ))}
      </Loaded>
    </Pane>
  );
}

interface FormLineProps {
  form: CallbackForm;
  queue: string | undefined;
  isOpen: boolean;
  isWrong: boolean;
  onOpen: () => void;
  onDrop: () => void;
}

function FormLine({ form, queue, isOpen, isWrong, onOpen, onDrop }: FormLineProps) {
  return (
    <div className={css.ruleLine} data-open={isOpen || undefined}>
      <button type="button" className={css.ruleName} aria-expanded={isOpen} onClick={onOpen}>
        <span className={css.strong}>{nameOf(form)}</span>
        <span>{[form.key && `/callback-form/${form.key}`, queue, spoken(form).join(", ")].filter(Boolean).join(" · ")}</span>
      </button>
      {form.active === false && <Tag look="outlined">{m.admin_inactive()}</Tag>}
      {isWrong && <Tag tone="bad">{m.acd_wrong()}</Tag>}
      <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.acd_take_away({ what: nameOf(form) })} onPress={onDrop} />
    </div>
  );
}

interface FormFieldsProps {
  form: CallbackForm;
  faults: FormFaults;
  set: (change: Partial<CallbackForm>) => void;
  error: (field: string) => string | undefined;
}

/** What the server says of a list, or of the first of its words that it names. */
const ofList = (error: FormFieldsProps["error"], name: string, count: number): string | undefined =>
  error(name) ?? Array.from({ length: count }, (_, at) => error(`${name}.${at}`)).find((one) => one !== undefined);

function FormFields({ form, faults, set, error }: FormFieldsProps) {
  const queues = useOwnQueues();
  const [prefixes, origins] = [form.prefixes ?? [], form.origins ?? []];
  const keyError = faults.key === "twice" ? m.acd_form_key_twice() : faults.key ? m.acd_form_key_wrong() : error("key");
  return (
    <div className={css.ruleForm}>
      <FormGrid>
        <Span of={3}><TextField label={m.acd_form_key()} isRequired mono hint={m.acd_form_key_hint()} value={form.key} onChange={(key) => set({ key: key.trim() })} error={keyError} /></Span>
        <Span of={3}><Select label={m.admin_queue()} choices={queues} value={form.queue || null} onChange={(queue) => set({ queue })} error={faults.queue ? m.acd_choose_queue() : error("queue")} /></Span>
        <Span of={3}><WordsField label={m.acd_form_prefixes()} value={prefixes} onChange={(words) => set({ prefixes: words })} hint={m.acd_form_prefixes_hint()} error={faults.prefixes ? m.acd_form_prefix_wrong({ words: notPrefixes(form).join(", ") }) : ofList(error, "prefixes", prefixes.length)} /></Span>
        <Span of={3}><NumberField label={m.acd_form_days()} unit={m.unit_day()} min={1} max={365} value={form.days ?? 30} onChange={(days) => set({ days })} error={error("days")} /></Span>
        <Span of={6}><WordsField label={m.acd_form_origins()} value={origins} onChange={(words) => set({ origins: words })} hint={m.acd_form_origins_hint()} error={faults.origins ? m.acd_form_origin_wrong({ words: notOrigins(form).join(", ") }) : ofList(error, "origins", origins.length)} /></Span>
        <Span of={6}><Switch isSelected={form.active !== false} onChange={(active) => set({ active })}>{m.acd_form_active()}</Switch></Span>
      </FormGrid>
      <Texts form={form} faults={faults} set={set} error={error} />
    </div>
  );
}

/** Heading and consent, one language after the other; a form speaks those in which both are written. */
function Texts({ form, faults, set, error }: FormFieldsProps) {
  const own = getLocale();
  const [language, setLanguage] = useState<FormLanguage>(own);
  const isHalf = halves(form).includes(language);
  const title = form.titles[language] ?? "";
  const consent = form.consent[language] ?? "";
  const both = isHalf ? m.acd_form_half() : undefined;
  const others = halves(form).filter((one) => one !== language).map((one) => LANGUAGE_NAMES[one]).join(", ");
  return (
    <div className={css.stack}>
      <div className={css.scroll}><Segments label={m.acd_form_language()} options={FORM_LANGUAGES.map((id) => ({ id, label: `${LANGUAGE_NAMES[id]}${spoken(form).includes(id) ? " ✓" : ""}` }))} value={language} onChange={setLanguage} /></div>
      <TextField label={m.acd_form_title()} value={title} onChange={(text) => set({ titles: withText(form.titles, language, text) })} error={(title.trim() === "" ? both : undefined) ?? error(`titles.${language}`)} />
      <TextArea label={m.acd_form_consent()} rows={3} hint={m.acd_form_consent_hint()} value={consent} onChange={(text) => set({ consent: withText(form.consent, language, text) })} error={(consent.trim() === "" ? both : undefined) ?? error(`consent.${language}`)} />
      {others !== "" && <InlineError>{m.acd_form_half_in({ languages: others })}</InlineError>}
      {faults.texts === "no_language" && <InlineError>{m.acd_form_no_language()}</InlineError>}
    </div>
  );
}

/** The form as visitors get it now, its address, and what a web site takes into its page. */
export function FormPreview({ forms, shown }: { forms: Whole<CallbackForm>; shown: CallbackForm | undefined }) {
  const saved = (forms.query.data?.data.items ?? []).find(({ key }) => key === shown?.key && key !== "");
  const languages = saved === undefined ? [] : spoken(saved);
  const own = getLocale();
  const [wanted, setWanted] = useState<FormLanguage>(own);
  const language = languages.includes(wanted) ? wanted : languages[0] ?? wanted;
  if (saved === undefined || saved.active === false) {
    const why = shown === undefined ? m.acd_form_preview_choose() : saved === undefined ? m.acd_form_preview_unsaved() : m.acd_form_preview_off();
    return <Pane title={m.acd_form_preview()} head="admin" ground="canvas"><Empty icon={<Eye />} title={m.acd_form_preview_none()}>{why}</Empty></Pane>;
  }
  const path = formPath(saved.key, language);
  const address = new URL(path, globalThis.location.origin).href;
  const title = saved.titles[language] ?? saved.key;
  return (
    <Pane title={m.acd_form_preview()} head="admin" ground="canvas">
      <div className={css.stack}>
        {forms.isDirty && <Message tone="info">{m.acd_form_preview_saved()}</Message>}
        {languages.length > 1 && <div className={css.scroll}><Segments label={m.acd_form_language()} options={languages.map((id) => ({ id, label: id }))} value={language} onChange={setWanted} /></div>}
        <a className={css.link} href={path} target="_blank" rel="noreferrer"><ExternalLink aria-hidden /><span>{address}</span></a>
        {/* In a sandbox nothing is sent: to order for real, open it. */}
        <iframe key={`${path}.${forms.query.data?.etag ?? ""}`} className={css.preview} src={path} sandbox="" title={m.acd_form_preview_of({ name: title })} />
        <CopyBlock label={m.acd_form_snippet()} text={frameOf(address, title)} />
      </div>
    </Pane>
  );
}
