import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { withEtag } from "../../api/client";
import type { Calendar } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { Radio, RadioGroup, Switch } from "../../ui/Choice/Choice";
import { TextField } from "../../ui/Field/Field";
import { SectionHead } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { FormGrid, Span } from "../parts/Span";
import { ConditionField, NeedsField, NumberField, OptionalNumberField, Rows } from "./fields";
import { keyOf, METHODS, type QueueFault, type QueueForm } from "./forms";
import { type Fields, Sounds } from "./SoundFields";
import { TargetField, useOwnQueues } from "./TargetField";
import { methodWords } from "./words";
import css from "./acd.module.css";

const ALWAYS = "";
const DAY_S = 86_400;

/** All settings of a queue, from what it is called to what it is measured by. */
export function QueueFields({ faults, ...fields }: Fields & { faults: Partial<Record<"name" | "key", QueueFault>> }) {
  return (
    <>
      <Basics {...fields} faults={faults} />
      <Part title={m.acd_part_method()}><Method {...fields} /></Part>
      <Part title={m.acd_part_who()}><Who {...fields} /></Part>
      <Part title={m.acd_part_hours()}><Hours {...fields} /></Part>
      <Part title={m.acd_part_after()}><After {...fields} /></Part>
      <Part title={m.acd_part_sounds()}><Sounds {...fields} /></Part>
      <Part title={m.acd_part_level()}><Level {...fields} /></Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return <section aria-label={title}><SectionHead title={title} />{children}</section>;
}

function Basics({ id, form, set, error, faults }: Fields & { faults: Partial<Record<"name" | "key", QueueFault>> }) {
  const isNew = id === "new";
  // Until somebody writes a key, a new queue has one like its name.
  const rename = (name: string) => set({ name, ...(isNew && form.key === keyOf(form.name) ? { key: keyOf(name) } : {}) });
  return (
    <FormGrid>
      <Span of={3}><TextField label={m.admin_name()} isRequired value={form.name} onChange={rename} error={faults.name ? m.admin_fault_missing() : error("name")} /></Span>
      <Span of={3}><TextField label={m.acd_key()} isRequired mono isReadOnly={!isNew} hint={m.acd_key_hint()} value={form.key} onChange={(key) => set({ key })} error={faults.key ? m.acd_key_wrong() : error("key")} /></Span>
      <Span of={3}><TextField label={m.acd_unit()} labelNote={m.admin_optional()} value={form.unit ?? ""} onChange={(unit) => set({ unit: unit.trim() === "" ? null : unit })} error={error("unit")} /></Span>
      <Span of={3}><TextField label={m.acd_project()} labelNote={m.admin_optional()} hint={m.acd_project_hint()} value={form.project ?? ""} onChange={(project) => set({ project: project.trim() === "" ? null : project })} error={error("project")} /></Span>
      <Span of={3}><Switch isSelected={form.active} onChange={(active) => set({ active })}>{m.acd_active()}</Switch></Span>
      <Span of={6}><Switch isSelected={form.paid} onChange={(paid) => set({ paid })}>{m.acd_paid()}</Switch></Span>
    </FormGrid>
  );
}

function Method({ form, set, error }: Fields) {
  return (
    <FormGrid>
      <Span of={6}>
        <RadioGroup label={m.acd_method()} value={form.method} onChange={(method) => set({ method })}>
          {METHODS.map((one) => <Radio key={one} value={one}><span className={css.method}><span className={css.strong}>{methodWords(one).name}</span><span>{methodWords(one).text}</span></span></Radio>)}
        </RadioGroup>
      </Span>
      <Span of={3}><Select label={m.acd_ring_mode()} choices={[{ id: "one", label: m.acd_ring_one() }, { id: "all", label: m.acd_ring_all() }]} value={form.ring_mode} onChange={(ring_mode) => set({ ring_mode })} error={error("ring_mode")} /></Span>
      <Span of={3}><NumberField label={m.acd_ring_for()} unit="s" min={5} max={120} scale={1_000} value={form.ring_ms} onChange={(ms) => set({ ring_ms: ms })} error={error("ring_ms")} /></Span>
      <Span of={2}><NumberField label={m.acd_priority()} min={-10_000} max={10_000} value={form.priority} onChange={(priority) => set({ priority })} hint={m.acd_priority_hint()} error={error("priority")} /></Span>
      <Span of={2}><NumberField label={m.acd_ageing()} max={1_000} value={form.ageing_per_min} onChange={(ageing) => set({ ageing_per_min: ageing })} hint={m.acd_ageing_hint()} error={error("ageing_per_min")} /></Span>
      <Span of={2}><NumberField label={m.acd_scorer()} unit="ms" max={10_000} value={form.scorer_ms} onChange={(ms) => set({ scorer_ms: ms })} hint={m.acd_scorer_hint()} error={error("scorer_ms")} /></Span>
      <Span of={2}><NumberField label={m.acd_last_agent()} unit="s" max={30 * DAY_S} scale={1_000} value={form.last_agent_ms} onChange={(ms) => set({ last_agent_ms: ms })} hint={m.acd_last_agent_hint()} error={error("last_agent_ms")} /></Span>
    </FormGrid>
  );
}

function Who({ id, form, set, error }: Fields) {
  const queues = useOwnQueues().filter((one) => one.id !== id);
  return (
    <div className={css.stack}>
      <NeedsField value={form.needs} onChange={(needs) => set({ needs })} error={(field) => error(`needs.${field}`)} />
      <Rows
        label={m.acd_preferred()}
        items={form.preferred}
        fresh={{ group: "", for_ms: 20_000 }}
        add={m.acd_preferred_add()}
        empty={m.acd_preferred_none()}
        onChange={(preferred) => set({ preferred })}
        row={(one, put, at) => (
          <>
            <TextField label={m.acd_group()} value={one.group} onChange={(group) => put({ group })} error={error(`preferred.${at}.group`)} />
            <NumberField label={m.acd_preferred_for()} unit="s" min={1} max={DAY_S} scale={1_000} value={one.for_ms} onChange={(ms) => put({ for_ms: ms })} error={error(`preferred.${at}.for_ms`)} />
          </>
        )}
      />
      <Rows
        label={m.acd_rings()}
        items={form.rings}
        fresh={{ after_ms: 30_000 * (form.rings.length + 1), lower_by: form.rings.length + 1, up_to_level: 100 }}
        add={m.acd_ring_add()}
        empty={m.acd_rings_none()}
        error={error("rings")}
        onChange={(rings) => set({ rings })}
        row={(one, put, at) => (
          <>
            <NumberField label={m.acd_ring_after()} unit="s" max={DAY_S} scale={1_000} value={one.after_ms} onChange={(ms) => put({ after_ms: ms })} error={error(`rings.${at}.after_ms`)} />
            <NumberField label={m.acd_ring_lower()} max={9} value={one.lower_by} onChange={(by) => put({ lower_by: by })} error={error(`rings.${at}.lower_by`)} />
            <NumberField label={m.acd_ring_level()} max={100} value={one.up_to_level} onChange={(level) => put({ up_to_level: level })} error={error(`rings.${at}.up_to_level`)} />
          </>
        )}
      />
      <Rows
        label={m.acd_helpers()}
        items={form.helpers}
        fresh={{ from: queues[0]?.id ?? "", when: { condition: "nobody_ready" } }}
        add={m.acd_helper_add()}
        empty={m.acd_helpers_none()}
        onChange={(helpers) => set({ helpers })}
        row={(one, put, at) => (
          <>
            <Select label={m.admin_queue()} choices={queues} value={one.from || null} onChange={(from) => put({ from })} error={error(`helpers.${at}.from`)} />
            <ConditionField value={one.when} onChange={(when) => put({ when })} error={error(`helpers.${at}.when`)} />
          </>
        )}
      />
    </div>
  );
}

function Hours({ id, form, set, error }: Fields) {
  const calendars = useQuery({ queryKey: ["calendars"], queryFn: () => withEtag<{ items: Calendar[] }>("GET", "/v1/calendars") });
  const names = (calendars.data?.data.items ?? []).map(({ name }) => ({ id: name, label: name }));
  return (
    <>
      <FormGrid>
        <Span of={6}><Select label={m.acd_calendar()} choices={[{ id: ALWAYS, label: m.acd_always_open() }, ...names]} value={form.calendar ?? ALWAYS} onChange={(calendar) => set({ calendar: calendar === ALWAYS ? null : calendar })} error={error("calendar")} hint={m.acd_calendar_hint()} /></Span>
        <TargetField label={m.acd_closed_to()} value={form.closed} except={id} onChange={(closed) => set({ closed })} error={(field) => error(`closed.${field}`) ?? (field === "kind" ? error("closed") : undefined)} />
      </FormGrid>
      <div className={css.stack}>
        <Rows
          label={m.acd_overflow()}
          items={form.overflow}
          fresh={{ when: { condition: "nobody_signed_in" }, to: { kind: "fallback" } }}
          add={m.acd_overflow_add()}
          empty={m.acd_overflow_none()}
          onChange={(overflow) => set({ overflow })}
          row={(step, put, at) => (
            <>
              <ConditionField value={step.when} onChange={(when) => put({ when })} error={error(`overflow.${at}.when`)} />
              <TargetField label={m.acd_to()} value={step.to} except={id} onChange={(to) => put({ to })} error={(field) => error(`overflow.${at}.to.${field}`) ?? (field === "kind" ? error(`overflow.${at}.to`) : undefined)} />
            </>
          )}
        />
      </div>
    </>
  );
}

function After({ form, set, error }: Fields) {
  const { rona } = form;
  const put = (change: Partial<QueueForm["rona"]>) => set({ rona: { ...rona, ...change } });
  const actions = [{ id: "nothing", label: m.acd_rona_nothing() }, { id: "pause", label: m.acd_rona_pause() }, { id: "log_out", label: m.acd_rona_log_out() }];
  return (
    <FormGrid>
      <Span of={3}><NumberField label={m.acd_wrap_up()} unit="s" max={3_600} scale={1_000} value={form.wrap_up_ms} onChange={(ms) => set({ wrap_up_ms: ms })} error={error("wrap_up_ms")} /></Span>
      <Span of={3}><Select label={m.acd_rona()} choices={actions} value={rona.action} onChange={(action) => put({ action })} error={error("rona.action")} hint={m.acd_rona_hint()} /></Span>
      <Span of={2}><NumberField label={m.acd_rona_no_answer()} max={100} value={rona.no_answer} onChange={(count) => put({ no_answer: count })} error={error("rona.no_answer")} /></Span>
      <Span of={2}><NumberField label={m.acd_rona_rejected()} max={100} value={rona.rejected} onChange={(count) => put({ rejected: count })} error={error("rona.rejected")} /></Span>
      <Span of={2}><NumberField label={m.acd_rona_unreachable()} max={100} value={rona.unreachable} onChange={(count) => put({ unreachable: count })} error={error("rona.unreachable")} /></Span>
      <Span of={3}><OptionalNumberField label={m.acd_rona_return()} unit="s" min={1} max={DAY_S} scale={1_000} value={rona.return_after_ms} onChange={(ms) => put({ return_after_ms: ms })} hint={m.acd_rona_return_hint()} error={error("rona.return_after_ms")} /></Span>
      <Span of={3}><Switch isSelected={rona.count_abandoned} onChange={(count_abandoned) => put({ count_abandoned })}>{m.acd_rona_abandoned()}</Switch></Span>
    </FormGrid>
  );
}

function Level({ form, set, error }: Fields) {
  const { level } = form;
  const put = (change: Partial<QueueForm["level"]>) => set({ level: { ...level, ...change } });
  const formulas = ["SL-A", "SL-B", "SL-C", "SL-D", "SL-E", "SL-F"].map((id) => ({ id, label: id }));
  return (
    <FormGrid>
      <Span of={3}><Select label={m.acd_formula()} choices={formulas} value={level.formula} onChange={(formula) => put({ formula })} error={error("level.formula")} /></Span>
      <Span of={3}><NumberField label={m.acd_target()} unit="%" min={1} max={100} value={level.target_percent} onChange={(percent) => put({ target_percent: percent })} error={error("level.target_percent")} /></Span>
      <Span of={3}><NumberField label={m.acd_threshold()} unit="s" min={1} max={3_600} scale={1_000} value={level.threshold_ms} onChange={(ms) => put({ threshold_ms: ms })} error={error("level.threshold_ms")} /></Span>
      <Span of={3}><NumberField label={m.acd_short()} unit="s" max={3_600} scale={1_000} value={level.short_ms} onChange={(ms) => put({ short_ms: ms })} hint={m.acd_short_hint()} error={error("level.short_ms")} /></Span>
    </FormGrid>
  );
}
