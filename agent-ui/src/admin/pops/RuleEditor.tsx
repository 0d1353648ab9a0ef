import { useState } from "react";
import { call, ifMatch } from "../../api/client";
import { useLive, useRights } from "../../app/hooks";
import { m } from "../../i18n/generated/messages.js";
import { Switch } from "../../ui/Choice/Choice";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { Tag } from "../../ui/Tag/Tag";
import type { PopRule } from "../../api/types";
import { ConfirmDelete } from "../parts/ConfirmDelete";
import { SaveBar } from "../parts/SaveBar";
import { FormGrid, Span } from "../parts/Span";
import { useEditor } from "../parts/useEditor";
import { useSave } from "../parts/useSave";
import { Preview } from "./Preview";
import { NEW_RULE, type RuleDraft, ruleDraftOf, ruleFaults } from "./ruleForm";
import { TemplateField } from "./TemplateField";
import { templateFaultWords } from "./words";

const ALL = "all";
const KEYS = ["pop_rules", "setup"];

export interface RuleEditorProps {
  rule: PopRule | null;
  /** A call to try the address with. */
  lastCall: string | null;
  onShow: (id: string | undefined) => void;
}

/** When a page opens for a call, and which. */
export function RuleEditor({ rule, lastCall, onShow }: RuleEditorProps) {
  const readOnly = useRights().has("pop.admin") ? null : m.admin_needs_right({ right: "pop.admin" });
  const [typed, setTyped] = useState<RuleDraft | null>(null);
  const draft = typed ?? (rule ? ruleDraftOf(rule) : NEW_RULE);
  const faults = ruleFaults(draft);
  const save = useSave((body: RuleDraft) => write(rule, body), KEYS);
  const { isTried, bar } = useEditor({ save, draft, faults, forget: () => setTyped(null), onSaved: (saved) => { if (rule === null) onShow(saved.id); } });
  return (
    <Pane
      title={rule?.name ?? m.admin_rule_new()}
      head="admin"
      actions={typed !== null && <Tag look="outlined">{m.admin_edited()}</Tag>}
      foot={(
        <SaveBar {...bar} isDirty={typed !== null} reason={readOnly}>
          {rule && <Remove rule={rule} reason={readOnly} onGone={() => onShow(undefined)} />}
        </SaveBar>
      )}
    >
      <Fields draft={draft} faults={faults} isTried={isTried} fields={save.fields} isReadOnly={readOnly !== null} set={(change) => setTyped({ ...draft, ...change })} />
      <Preview draft={draft} lastCall={lastCall} />
    </Pane>
  );
}

function pathOf(rule: PopRule): string {
  return `/v1/pop_rules/${encodeURIComponent(rule.id)}`;
}

function write(rule: PopRule | null, body: RuleDraft): Promise<PopRule> {
  const text = { ...body, name: body.name.trim(), url_template: body.url_template.trim() };
  if (rule === null) return call<PopRule>("POST", "/v1/pop_rules", { body: text });
  return call<PopRule>("PUT", pathOf(rule), { body: text });
}

interface FieldsProps {
  draft: RuleDraft;
  faults: ReturnType<typeof ruleFaults>;
  isTried: boolean;
  /** What the server says of fields. */
  fields: Record<string, string>;
  isReadOnly: boolean;
  set: (change: Partial<RuleDraft>) => void;
}

function Fields({ draft, faults, isTried, fields, isReadOnly, set }: FieldsProps) {
  const queues = useLive((state) => [...state.parts.queues.items.values()].map((one) => one.queue));
  const queueChoices = [{ id: ALL, label: m.admin_rule_all_queues() }, ...queues.map((queue) => ({ id: queue.id, label: queue.name, note: queue.pbx_id }))];
  const fault = faults.url_template;
  const url = fault && (isTried || fault.fault !== "missing") ? templateFaultWords(fault) : fields.url_template;
  return (
    <FormGrid>
      <Span of={6}><TextField label={m.admin_name()} isRequired isReadOnly={isReadOnly} value={draft.name} onChange={(name) => set({ name })} error={isTried && faults.name ? m.admin_fault_missing() : fields.name} /></Span>
      <Span of={6}><TemplateField value={draft.url_template} onChange={(url_template) => set({ url_template })} error={url} isReadOnly={isReadOnly} /></Span>
      <Span of={3}><Select label={m.admin_queue()} choices={queueChoices} isDisabled={isReadOnly} value={draft.queue ?? ALL} onChange={(queue) => set({ queue: queue === ALL ? null : queue })} /></Span>
      <Span of={3}><Select label={m.admin_rule_trigger()} choices={[{ id: "alerting", label: m.admin_trigger_alerting() }, { id: "answered", label: m.admin_trigger_answered() }]} isDisabled={isReadOnly} value={draft.trigger} onChange={(trigger) => set({ trigger: trigger === "answered" ? "answered" : "alerting" })} /></Span>
      <Span of={3}><Select label={m.admin_rule_direction()} choices={directions()} isDisabled={isReadOnly} value={draft.direction} onChange={(id) => set({ direction: id === "inbound" || id === "outbound" ? id : "both" })} /></Span>
      <Span of={3}><Select label={m.admin_rule_scope()} choices={scopes()} isDisabled={isReadOnly} value={draft.scope} onChange={(id) => set({ scope: id === "external" || id === "internal" ? id : "both" })} /></Span>
      <Span of={3}><TextField label={m.admin_rule_window()} mono hint={m.admin_rule_window_hint()} isReadOnly={isReadOnly} value={draft.window} onChange={(window) => set({ window })} error={faults.window ? m.admin_fault_window() : fields.window} /></Span>
      <Span of={6}><Switch isSelected={draft.active} isReadOnly={isReadOnly} onChange={(active) => set({ active })}>{m.admin_active()}</Switch></Span>
    </FormGrid>
  );
}

function directions() {
  return [{ id: "inbound", label: m.admin_direction_inbound() }, { id: "outbound", label: m.admin_direction_outbound() }, { id: "both", label: m.admin_both() }];
}

function scopes() {
  return [{ id: "external", label: m.admin_scope_external() }, { id: "internal", label: m.admin_scope_internal() }, { id: "both", label: m.admin_both() }];
}

function Remove({ rule, reason, onGone }: { rule: PopRule; reason: string | null; onGone: () => void }) {
  const save = useSave(() => call("DELETE", pathOf(rule), { ifMatch: ifMatch(rule.version) }), KEYS);
  return (
    <ConfirmDelete title={m.admin_rule_delete({ name: rule.name })} text={m.admin_rule_delete_text()} isPending={save.isPending} problem={save.problem} reason={reason} onConfirm={(done) => save.run(undefined, () => { done(); onGone(); })} />
  );
}
