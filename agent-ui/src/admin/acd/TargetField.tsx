import type { Target } from "../../api/types";
import { useLive } from "../../app/hooks";
import { usePersonName } from "../../app/people";
import { m } from "../../i18n/generated/messages.js";
import { TextField } from "../../ui/Field/Field";
import { Select } from "../../ui/Select/Select";
import { Span } from "../parts/Span";

const KINDS: Record<Target["kind"], () => string> = {
  queue: m.acd_to_queue,
  agent: m.acd_to_agent,
  number: m.acd_to_number,
  announcement: m.acd_to_announcement,
  fallback: m.acd_to_fallback,
  hangup: m.acd_to_hangup,
};

interface TargetFieldProps {
  label: string;
  value: Target;
  onChange: (target: Target) => void;
  /** What is wrong with a field of it. */
  error: (field: string) => string | undefined;
  /** The queue that is edited: a call cannot be sent where it is. */
  except?: string | undefined;
  isThen?: boolean;
}

/** Where a call goes. */
export function TargetField({ label, value, onChange, error, except, isThen = false }: TargetFieldProps) {
  const queues = useOwnQueues().filter(({ id }) => id !== except);
  const kinds = Object.entries(KINDS).filter(([kind]) => !isThen || kind !== "announcement").map(([id, word]) => ({ id, label: word() }));
  return (
    <>
      <Span of={3}><Select label={label} choices={kinds} value={value.kind} onChange={(kind) => onChange(freshTarget(kind, queues[0]?.id))} error={error("kind")} /></Span>
      {value.kind === "queue" && <Span of={3}><Select label={m.admin_queue()} choices={queues} value={value.queue || null} onChange={(queue) => onChange({ kind: "queue", queue })} error={error("queue") ?? (value.queue === "" ? m.acd_choose_queue() : undefined)} /></Span>}
      {value.kind === "agent" && <AgentChoice value={value.agent} onChange={(agent) => onChange({ kind: "agent", agent })} error={error("agent")} />}
      {value.kind === "number" && <Span of={3}><TextField label={m.work_number()} type="tel" value={value.number} onChange={(number) => onChange({ kind: "number", number })} error={error("number")} /></Span>}
      {value.kind === "announcement" && (
        <>
          <Span of={3}><TextField label={m.acd_sound()} mono value={value.sound} onChange={(sound) => onChange({ ...value, sound })} error={error("sound")} /></Span>
          <TargetField label={m.acd_then()} isThen value={value.then} except={except} onChange={(next) => onChange(announcement(value.sound, next))} error={(field) => error(`then.${field}`)} />
        </>
      )}
    </>
  );
}

function AgentChoice({ value, onChange, error }: { value: string; onChange: (agent: string) => void; error: string | undefined }) {
  const agents = useLive((state) => [...state.parts.agents.items.values()]);
  const nameOf = usePersonName();
  const choices = agents.map(({ id, user, name, extension }) => ({ id, label: nameOf(user, name), note: extension ?? undefined })).toSorted((a, b) => a.label.localeCompare(b.label));
  return <Span of={3}><Select label={m.admin_role_agent()} choices={choices} value={value || null} onChange={onChange} error={error ?? (value === "" ? m.acd_choose_agent() : undefined)} /></Span>;
}

/** Queues of ours, to choose from. */
export function useOwnQueues(): { id: string; label: string }[] {
  const queues = useLive((state) => [...state.parts.queues.items.values()].map((one) => one.queue).filter(({ kind }) => kind === "owned"));
  return queues.map(({ id, name }) => ({ id, label: name })).toSorted((a, b) => a.label.localeCompare(b.label));
}

function announcement(sound: string, next: Target): Target {
  // The name is the API's; nobody awaits a target.
  // oxlint-disable-next-line no-thenable
  return { kind: "announcement", sound, then: next };
}

function freshTarget(kind: string, queue: string | undefined): Target {
  switch (kind) {
    case "queue":
      return { kind: "queue", queue: queue ?? "" };
    case "agent":
      return { kind: "agent", agent: "" };
    case "number":
      return { kind: "number", number: "" };
    case "announcement":
      return announcement("", { kind: "fallback" });
    case "hangup":
      return { kind: "hangup" };
    default:
      return { kind: "fallback" };
  }
}

/** A target in one line. */
export function useTargetWords(): (target: Target) => string {
  const queues = useOwnQueues();
  const agents = useLive((state) => state.parts.agents.items);
  const nameOf = usePersonName();
  const words = (target: Target): string => {
    switch (target.kind) {
      case "queue":
        return queues.find(({ id }) => id === target.queue)?.label ?? target.queue;
      case "agent": {
        const agent = agents.get(target.agent);
        return agent === undefined ? target.agent : nameOf(agent.user, agent.name);
      }
      case "number":
        return target.number;
      case "announcement":
        return `${target.sound} → ${words(target.then)}`;
      case "fallback":
        return m.acd_to_fallback();
      case "hangup":
        return m.acd_to_hangup();
    }
  };
  return words;
}
