import { useQuery, useQueryClient } from "@tanstack/react-query";
import { BellRing } from "lucide-react";
import { useState } from "react";
import { api, call, idempotencyKey, ok } from "../../api/client";
import { useLive, useMe } from "../../app/hooks";
import { failureWords } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { ComboBox } from "../../ui/ComboBox/ComboBox";
import { InlineError, Message } from "../../ui/Message/Message";
import { type Step, Steps } from "../../ui/Steps/Steps";
import type { CommandView, DeviceView } from "../../api/types";
import { useSave } from "../parts/useSave";
import parts from "../parts/parts.module.css";
import { type RingStep, ringOf } from "./ring";
import { outcomeWord } from "./pathWords";
import css from "./setup.module.css";

/** How often the command is read while the phone rings. */
const LOOK_AGAIN_MS = 400;

/** The end of the way: a phone rings, somebody lifts it, we hang up. */
export function RingPhone({ switchId }: { switchId: string | undefined }) {
  const me = useMe();
  const phones = useLive((state) => [...state.parts.devices.items.values()].filter((one) => one.kind === "station" && one.switch === switchId));
  const [picked, setPicked] = useState<string | null>(null);
  const device = picked ?? (phones.some((one) => one.id === me.primary_device) ? me.primary_device ?? null : null);
  const ring = useSave((id: string) => call<CommandView>("POST", `/v1/devices/${encodeURIComponent(id)}/ring`, { idempotencyKey: idempotencyKey() }), []);
  const [sent, setSent] = useState<CommandView | null>(null);
  const command = useRunning(sent);
  const isRinging = command !== null && ringOf(command).outcome === "running";
  return (
    <section id="ring" className={css.ring} aria-label={m.admin_ring()}>
      <h3 className={parts.strong}>{m.admin_ring()}</h3>
      <p className={parts.hint}>{m.admin_ring_hint()}</p>
      <div className={css.ringRow}>
        <ComboBox label={m.admin_phone()} choices={phones.map(choiceOf)} value={device} onPick={setPicked} placeholder={m.admin_phone_pick()} empty={m.admin_phones_none()} menuTrigger="focus" />
        <Button
          icon={<BellRing aria-hidden />}
          isPending={ring.isPending || isRinging}
          reason={device === null ? m.admin_ring_choose() : null}
          onPress={() => { if (device !== null) ring.run(device, setSent); }}
        >
          {m.admin_ring_now()}
        </Button>
      </div>
      {ring.problem !== null && <InlineError>{ring.problem}</InlineError>}
      {command !== null && <RingSteps command={command} />}
      {command !== null && device !== null && ringOf(command).outcome === "answered" && <TakePhone device={device} isMine={device === me.primary_device} />}
    </section>
  );
}

function choiceOf(device: DeviceView) {
  return { id: device.id, label: [device.extension, device.name].filter(Boolean).join(" ") || device.pbx_id, note: device.pbx_id };
}

/** Reads a command again until it is over. */
function useRunning(sent: CommandView | null): CommandView | null {
  const { data } = useQuery({
    queryKey: ["commands", sent?.id],
    queryFn: () => ok(api.GET("/v1/commands/{id}", { params: { path: { id: sent?.id ?? "" } } })),
    enabled: sent !== null,
    refetchInterval: ({ state }) => (state.data && ringOf(state.data).outcome !== "running" ? false : LOOK_AGAIN_MS),
  });
  return data ?? sent;
}

function RingSteps({ command }: { command: CommandView }) {
  const { done, outcome } = ringOf(command);
  const names: [RingStep, string][] = [["asked", m.admin_ring_asked()], ["rings", m.admin_ring_rings()], ["answered", m.admin_ring_answered()]];
  const next = names.findIndex(([step]) => !done[step]);
  const steps = names.map(([id, title], at): Step => {
    const state = done[id] ? "passed" : at !== next ? "waiting" : outcome === "failed" ? "failed" : "running";
    return {
      id, title, state,
      stateWord: outcomeWord(state === "waiting" ? "not_run" : state),
      ...(state === "failed" && { detail: failureWords(command.code ?? "unknown", command.detail ?? "") }),
    };
  });
  return <div role="status"><Steps label={m.admin_ring()} steps={steps} /></div>;
}

/** Whoever heard it ring may say that it is his. */
function TakePhone({ device, isMine }: { device: string; isMine: boolean }) {
  const queries = useQueryClient();
  const take = useSave(() => ok(api.POST("/v1/assignments", { body: { device, kind: "hot_desk", primary: true } })), ["me", "setup"]);
  if (isMine) return <Message tone="good">{m.admin_phone_is_mine()}</Message>;
  return (
    <Message
      tone="good"
      title={m.admin_ring_works()}
      actions={<Button size="sm" isPending={take.isPending} onPress={() => take.run(undefined, () => void queries.invalidateQueries({ queryKey: ["me"] }))}>{m.admin_phone_take()}</Button>}
    >
      {take.problem ?? m.admin_phone_take_hint()}
    </Message>
  );
}
