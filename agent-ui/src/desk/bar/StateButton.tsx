import { useQueryClient } from "@tanstack/react-query";
import { ChevronDown, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { announce } from "../../app/announce";
import { useAgentOfMe, useAwaitsReasons, useCommand, useLive, useMe, useMyDevice, useReasons } from "../../app/hooks";
import { LimitTimer } from "../../app/LimitTimer";
import { usePersonName } from "../../app/people";
import { toast } from "../../app/toast";
import { pendingOf, setBy } from "../../domain/agent";
import { pauseLimitMs } from "../../domain/limits";
import { isUnreachable, lookOf, pendingWord, stateSince, stateWord } from "../../domain/states";
import { m } from "../../i18n/generated/messages.js";
import type { AgentView } from "../../live/frames";
import { Button, IconButton } from "../../ui/Button/Button";
import { StateMark } from "../../ui/StateMark/StateMark";
import { keptQueues, keepQueues } from "./queues";
import { bar, useStateMenu } from "./open";
import { opens } from "./opens";
import { useAgentWork } from "./useAgentWork";
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
  const then = pendingWord(agent, reasons);
  const isStale = useLive((state) => state.connection.phase !== "open");
  useSaid(word);
  useToldByWhom(agent, word);
  useKeptQueues(agent);
  const button = useRef<HTMLButtonElement>(null);
  const parts = useBarParts();
  // A menu that gets its pauses while it is open would move another choice under the hand.
  const awaitsReasons = useAwaitsReasons();
  useFreshReasons(isOpen);
  return (
    <div className={css.group}>
      <div className={css.state} data-state={look} data-stale={isStale || undefined}>
        <Button ref={button} {...opens("menu", isOpen, bar.setStateMenu)} isPending={change.isPending} icon={<StateMark state={look} unreachable={isUnreachable(agent.state)} />}>
          <span className={css.words}>
            <span className="visually-hidden">{m.state_menu()}: </span>
            <span className={css.word}>{word}</span>
            <span className={css.time}>
              <LimitTimer since={stateSince(agent.state)} limitMs={pauseLimitMs(agent.state, reasons)} />
            </span>
            <ChevronDown aria-hidden className={css.arrow} />
          </span>
        </Button>
        {parts && !awaitsReasons && <parts.StateMenu agent={agent} label={m.state_menu()} button={button} isOpen={isOpen} onOpenChange={bar.setStateMenu} onPick={change.to} onCancelLater={change.cancelLater} />}
      </div>
      {then !== null && (
        <span className={css.then}>
          {m.bar_then({ state: then })}
          <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.bar_then_cancel({ state: then })} onPress={change.cancelLater} />
        </span>
      )}
    </div>
  );
}

/** Remembers the queues of the PBX. Who signs out leaves them one after the other: that is not what to come back to. */
function useKeptQueues({ id, queues, state: { chosen } }: AgentView): void {
  const known = useLive((state) => state.parts.queues.items);
  const atSwitch = queues.filter(({ queue }) => known.get(queue)?.queue.kind !== "owned").map(({ queue }) => queue).join(" ");
  useEffect(() => {
    if (chosen !== "logged_out") keepQueues(id, atSwitch);
  }, [id, chosen, atSwitch]);
}

/** Whoever opens the menu reads the breaks anew: one that was just added is there. */
function useFreshReasons(isOpen: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (isOpen) void queries.invalidateQueries({ queryKey: ["reasons"] });
  }, [isOpen, queries]);
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

/** Who finds another state than the own choice is told who chose it. */
function useToldByWhom(agent: AgentView, word: string): void {
  const me = useMe();
  const nameOf = usePersonName();
  const by = setBy(agent);
  const choice = `${agent.state.chosen} ${agent.state.reason ?? ""}`;
  const last = useRef(choice);
  useEffect(() => {
    if (last.current === choice) return;
    last.current = choice;
    if (by !== null && by !== me.user) toast({ kind: "info", key: "set_by", title: m.state_set_by({ name: nameOf(by, m.state_set_by_other()) }), text: m.state_changed({ state: word }) });
  }, [by, choice, me.user, nameOf, word]);
}

export interface StateChange {
  isPending: boolean;
  /** `ready`, `logged_out` or `pause:CODE`; for later: once the present work is done. */
  to(choice: string, isForLater?: boolean): void;
  /** Takes back what was chosen for later. */
  cancelLater(): void;
}

export function useStateChange(agent: AgentView | undefined): StateChange {
  const command = useCommand(STATE_KEY);
  const work = useAgentWork(agent);
  const to = (choice: string, isForLater = false) => {
    if (agent === undefined) return;
    const reason = choice.startsWith("pause:") ? choice.slice("pause:".length) : null;
    const state = reason === null ? choice : "paused";
    if (isForLater) {
      const isBack = state === "ready" && agent.state.chosen === "ready";
      if (!isBack) void work.chooseLater(state, reason);
      else if (pendingOf(agent) !== null) void work.cancelLater();
      return;
    }
    // Whoever is in no queue, or just signed out of them, signs in to those of the last time.
    const isOut = agent.queues.length === 0 || agent.state.chosen === "logged_out";
    const queues = isOut && state !== "logged_out" ? keptQueues(agent.id) : [];
    if (agent.queues.length === 0 && state !== "logged_out" && queues.length === 0) {
      toast({ kind: "warn", key: STATE_KEY, title: m.command_state(), text: m.state_no_queues() });
      return;
    }
    void command.run("set_agent_state", { agent_id: agent.id, state, ...(reason === null ? {} : { reason }), ...(queues.length === 0 ? {} : { queues }) });
  };
  const cancelLater = () => {
    // What was chosen at once is taken back by Ready.
    if (agent !== undefined && pendingOf(agent) !== null) void work.cancelLater();
    else to("ready");
  };
  return { isPending: command.isPending || work.isPending, to, cancelLater };
}
