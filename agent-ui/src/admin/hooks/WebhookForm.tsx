import { useLive } from "../../app/hooks";
import { usePeopleList } from "../../app/people";
import { call, ifMatch } from "../../api/client";
import { useState } from "react";
import { m } from "../../i18n/generated/messages.js";
import { Switch } from "../../ui/Choice/Choice";
import { TextArea, TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { Tag } from "../../ui/Tag/Tag";
import { ConfirmDelete } from "../parts/ConfirmDelete";
import { SaveBar } from "../parts/SaveBar";
import { FormGrid, Span } from "../parts/Span";
import { useEditor } from "../parts/useEditor";
import { useSave } from "../parts/useSave";
import { Picked } from "./Picked";
import { HookViews, type HookLook } from "./HookViews";
import { KEYS, pathOf } from "./queries";
import { bodyOf, faultOfLines, faultsOf, formOf, linesOf, type MadeSecret, SIGNATURES, type Webhook, type WebhookForm as Form } from "./webhook";

interface WebhookFormProps {
  /** None for a new one. */
  view: Webhook | undefined;
  onMade: (made: MadeSecret) => void;
  onGone: () => void;
  onView: (view: HookLook) => void;
}

/** Where events are posted to, which of them, and without what. */
export function WebhookForm({ view, onMade, onGone, onView }: WebhookFormProps) {
  const [typed, setTyped] = useState<{ form: Form; version: number } | null>(null);
  const form = typed?.form ?? formOf(view);
  const set = (change: Partial<Form>) => setTyped({ form: { ...form, ...change }, version: typed?.version ?? view?.version ?? 0 });
  const save = useSave(async (wanted: Form) => {
    const body = bodyOf(wanted, view === undefined);
    if (view === undefined) return call<MadeSecret>("POST", pathOf(), { body });
    await call<Webhook>("PUT", pathOf(view.id), { body, ifMatch: ifMatch(typed?.version ?? view.version) });
    return null;
  }, KEYS);
  const faults = faultsOf(form);
  const { bar, isTried } = useEditor({ save, draft: form, faults, forget: () => setTyped(null), onSaved: (made) => { if (made !== null) onMade(made); } });
  const needs = (field: keyof typeof faults) => (isTried && faults[field] ? m.hook_needed() : undefined);
  return (
    <Pane
      title={view?.name ?? m.hook_new()}
      head="admin"
      actions={typed !== null && view !== undefined && <Tag look="outlined">{m.admin_edited()}</Tag>}
      toolbar={view === undefined ? undefined : <HookViews value="settings" onChange={onView} />}
      foot={(
        <SaveBar {...bar} isDirty={typed !== null} onTheirs={bar.onDiscard} {...(view === undefined ? { label: m.hook_make() } : {})}>
          {view !== undefined && <Remove view={view} onGone={onGone} />}
        </SaveBar>
      )}
    >
      <FormGrid>
        <Span of={3}><TextField label={m.admin_name()} isRequired value={form.name} onChange={(name) => set({ name })} error={save.fields.name ?? needs("name")} /></Span>
        <Span of={3}>{view === undefined && <Select label={m.hook_signature()} choices={SIGNATURES.map((id) => ({ id, label: id === "v1" ? m.hook_signature_v1() : m.hook_signature_v1a() }))} value={form.signature} onChange={(id) => set({ signature: SIGNATURES.find((one) => one === id) ?? "v1" })} />}</Span>
        <Span of={6}><TextField label={m.hook_url()} isRequired type="url" placeholder="https://erp.example/hooks/tieline" value={form.url} onChange={(url) => set({ url })} error={save.fields.url ?? needs("url")} /></Span>
        <Span of={6}><Switch isSelected={form.enabled} onChange={(enabled) => set({ enabled })}>{m.hook_enabled()}</Switch></Span>
        <Span of={3}><TextArea label={m.hook_types()} hint={m.hook_types_hint()} rows={4} value={form.types} onChange={(types) => set({ types })} error={faultOfLines(save.fields, "types", linesOf(form.types)) ?? needs("types")} /></Span>
        <Span of={3}><TextArea label={m.hook_mask()} labelNote={m.admin_optional()} hint={m.hook_mask_hint()} rows={4} value={form.mask} onChange={(mask) => set({ mask })} error={faultOfLines(save.fields, "mask", linesOf(form.mask))} /></Span>
        <Span of={3}><Queues form={form} set={set} fields={save.fields} /></Span>
        <Span of={3}><People form={form} set={set} fields={save.fields} /></Span>
        <Span of={6}><TextArea label={m.hook_data()} labelNote={m.admin_optional()} hint={m.hook_data_hint()} rows={2} value={form.data} onChange={(data) => set({ data })} error={faultOfLines(save.fields, "data", [])} /></Span>
      </FormGrid>
    </Pane>
  );
}

interface PartProps {
  form: Form;
  set: (change: Partial<Form>) => void;
  fields: Record<string, string>;
}

function Queues({ form, set, fields }: PartProps) {
  const queues = useLive((state) => [...state.parts.queues.items.values()].map(({ queue }) => ({ id: queue.id, label: queue.name })));
  return <Picked label={m.admin_column_queues()} none={m.hook_all_queues()} choices={queues.toSorted((one, two) => one.label.localeCompare(two.label))} value={form.queues} onChange={(chosen) => set({ queues: chosen })} error={faultOfLines(fields, "queues", [])} />;
}

function People({ form, set, fields }: PartProps) {
  const people = usePeopleList();
  return <Picked label={m.hook_people()} none={m.journal_everybody()} choices={people.map(({ id, name }) => ({ id, label: name }))} value={form.users} onChange={(users) => set({ users })} error={faultOfLines(fields, "users", [])} />;
}

function Remove({ view, onGone }: { view: Webhook; onGone: () => void }) {
  const save = useSave(() => call("DELETE", pathOf(view.id), { ifMatch: ifMatch(view.version) }), KEYS);
  return <ConfirmDelete title={m.hook_delete({ name: view.name })} text={m.hook_delete_text()} isPending={save.isPending} problem={save.problem} onConfirm={(done) => save.run(undefined, () => { done(); onGone(); })} />;
}
