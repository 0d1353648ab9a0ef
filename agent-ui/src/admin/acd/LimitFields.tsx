import { duration } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Switch } from "../../ui/Choice/Choice";
import { FormGrid, Span } from "../parts/Span";
import { NumberField, OptionalNumberField } from "./fields";
import { backAt, levelBackAt, withLevel } from "./limits";
import type { LimitsWork } from "./useLimits";

const DAY_S = 86_400;

/** What a queue is watched for; under each limit stands when its alert is over again. */
export function LimitFields({ form, set, error, isFlush = false }: LimitsWork & { isFlush?: boolean }) {
  const level = form.level_below;
  const over = (limit: number | null, words: (limit: number) => string) => (limit === null ? m.acd_limit_off() : words(limit));
  const lasting = (limit: number) => m.acd_limit_back({ value: duration(backAt(limit)) });
  return (
    <FormGrid flush={isFlush}>
      <Span of={3}><OptionalNumberField label={m.acd_limit_wait()} unit="s" min={1} max={DAY_S} scale={1_000} value={form.longest_wait_ms} onChange={(ms) => set({ longest_wait_ms: ms })} hint={over(form.longest_wait_ms, lasting)} error={error("longest_wait_ms")} /></Span>
      <Span of={3}><OptionalNumberField label={m.acd_limit_talk()} unit="s" min={1} max={DAY_S} scale={1_000} value={form.longest_talk_ms} onChange={(ms) => set({ longest_talk_ms: ms })} hint={over(form.longest_talk_ms, lasting)} error={error("longest_talk_ms")} /></Span>
      <Span of={3}><OptionalNumberField label={m.acd_limit_waiting()} min={1} max={10_000} value={form.waiting} onChange={(count) => set({ waiting: count })} hint={over(form.waiting, (limit) => m.acd_limit_back({ value: backAt(limit) }))} error={error("waiting")} /></Span>
      <Span of={3}><OptionalNumberField label={m.acd_limit_ready()} min={1} max={10_000} value={form.ready_below} onChange={(count) => set({ ready_below: count })} hint={over(form.ready_below, (limit) => m.acd_limit_back_up({ value: limit }))} error={error("ready_below")} /></Span>
      <Span of={3}><OptionalNumberField label={m.acd_limit_level()} unit="%" min={1} max={100} value={level?.percent ?? null} onChange={(percent) => set({ level_below: withLevel(form, percent) })} hint={over(level?.percent ?? null, (limit) => m.acd_limit_back_up({ value: `${levelBackAt(limit)} %` }))} error={error("level_below.percent")} /></Span>
      {level !== null && <Span of={3}><NumberField label={m.acd_threshold()} unit="s" min={1} max={3_600} scale={1_000} value={level.within_ms} onChange={(ms) => set({ level_below: { ...level, within_ms: ms } })} hint={m.acd_limit_level_hint()} error={error("level_below.within_ms")} /></Span>}
      <Span of={6}><Switch isSelected={form.unattended} onChange={(unattended) => set({ unattended })}>{m.acd_limit_unattended()}</Switch></Span>
    </FormGrid>
  );
}
