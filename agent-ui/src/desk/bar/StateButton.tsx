import { ChevronDown, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { announce } from "../../app/announce";
import { useAgentOfMe, useAwaitsReasons, useCommand, useLive, useMyDevice, useReasons } from "../../app/hooks";
import { Timer } from "../../app/Timer";
import { toast } from "../../app/toast";
import { isUnreachable, lookOf, pendingWord, stateWord } from "../../domain/states";
import { m } from "../../i18n/generated/messages.js";
import type { AgentView } from "../../live/frames";
import { Button, IconButton } from "../../ui/Button/Button";
import { StateMark } from "../../ui/StateMark/StateMark";
import { keptQueues, keepQueues } from "./queues";
import { bar, useStateMenu } from "./open";
import { opens } from "./opens";
import { useBarParts } from "./useBarParts";
import css from "./StateButton.module.css";

export const STATE_KEY = "set_agent_state";

/** My state with its age, the menu to change it, and what comes after this call. */
export function StateButton() {
  const agent = useAgentOfMe();
  if (agent === undefined) return <NoAgent />;
  return <AgentState agent={agent} />;
}

/** Nobody's agent: without a phone nothing can ring, and with one no queue offers a call. */
function NoAgent() {
  const isReady = useLive((state) => state.parts.agents.ready);
  const device = useMyDevice();
  const word = device === undefined ? m.bar_no_phone() : m.bar_no_queue();
  return (
    <div className={css.group}>
      <div className={css.state} data-state="logged_out">
        <Button reason={!isReady ? m.why_offline() : device === undefined ? m.why_no_phone() : m.why_no_agent()} icon={<StateMark state="logged_out" />}>
          <span className={css.word}>{isReady ? word : m.connecting()}</span>
        </Button>
      </div>
    </div>
  );
}

/** What the calls and the phone add to the state. */
function useAround(agent: AgentView) {
  return useLive((state) => {
    const call = agent.state.call ? state.parts.calls.items.get(agent.state.call) : undefined;
    return { device: state.parts.devices.items.get(agent.device)?.state, isDirect: call !== undefined && !call.queue };
  });
}

function AgentState({ agent }: { agent: AgentView }) {
  const reasons = useReasons();
  const around = useAround(agent);
  const isOpen = useStateMenu();
  const change = useStateChange(agent);
  const look = lookOf(agent.state, reasons, around);
  const word = stateWord(agent.state, reasons, around);
  const then = pendingWord(agent.state, reasons);
  const isStale = useLive((state) => state.connection.phase !== "open");
  useSaid(word);
  useEffect(() => keepQueues(agent), [agent]);
  const button = useRef<HTMLButtonElement>(null);
  const parts = useBarParts();
  // A menu that gets its pauses while it is open would move another choice under the hand.
  const awaitsReasons = useAwaitsReasons();
  return (
    <div className={css.group}>
      <div className={css.state} data-state={look} data-stale={isStale || undefined}>
        <Button ref={button} {...opens("menu", isOpen, bar.setStateMenu)} isPending={change.isPending} icon={<StateMark state={look} unreachable={isUnreachable(agent.state)} />}>
          <span className={css.words}>
            <span className="visually-hidden">{m.state_menu()}: </span>
            <span className={css.word}>{word}</span>
            <span className={css.time}>
              <Timer since={agent.state.since} />
            </span>
            <ChevronDown aria-hidden className={css.arrow} />
          </span>
        </Button>
        {parts && !awaitsReasons && <parts.StateMenu button={button} isOpen={isOpen} onOpenChange={bar.setStateMenu} onPick={change.to} />}
      </div>
      {then !== null && (
        <span className={css.then}>
          {m.bar_then({ state: then })}
          <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.bar_then_cancel({ state: then })} onPress={() => change.to("ready")} />
        </span>
      )}
    </div>
  );
}

/** A change of state is said once, not at the start. */
function useSaid(word: string): void {
  const last = useRef(word);
  useEffect(() => {
    if (last.current === word) return;
    last.current = word;
    announce(m.state_changed({ state: word }));
  }, [word]);
}

export interface StateChange {
  isPending: boolean;
  /** `ready`, `logged_out` or `pause:CODE`. */
  to(choice: string): void;
}

export function useStateChange(agent: AgentView | undefined): StateChange {
  const command = useCommand(STATE_KEY);
  const to = (choice: string) => {
    if (agent === undefined) return;
    const reason = choice.startsWith("pause:") ? choice.slice("pause:".length) : null;
    const state = reason === null ? choice : "paused";
    // Whoever is in no queue signs in to those of the last time.
    const queues = agent.queues.length === 0 && state !== "logged_out" ? keptQueues(agent.id) : [];
    if (agent.queues.length === 0 && state !== "logged_out" && queues.length === 0) {
      toast({ kind: "warn", key: STATE_KEY, title: m.command_state(), text: m.state_no_queues() });
      return;
    }
    void command.run("set_agent_state", { agent_id: agent.id, state, ...(reason === null ? {} : { reason }), ...(queues.length === 0 ? {} : { queues }) });
  };
  return { isPending: command.isPending, to };
}
