// Hooks over the live core and the signed-in person.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useSyncExternalStore } from "react";
import { api, ok } from "../api/client";
import type { CallDetail } from "../api/types";
import { type CallCommandName, commandName, type CommandName, failureWords, type Permission, permitOf } from "../domain/can";
import type { ReasonView } from "../domain/reasons";
import type { CommandOutcome, RunningCommand } from "../live/commands";
import type { AgentView, CommandStepView, DeviceView } from "../live/frames";
import { isSwitchDown } from "../live/links";
import type { LiveState } from "../live/store";
import { m } from "../i18n/generated/messages.js";
import { useLiveClient, useMe } from "./context";
import { covers } from "./rights";
import { isSame } from "./same";
import { toast } from "./toast";

export { useLiveClient, useMe, usePreferences, useSession } from "./context";

/** A piece of the live state; renders again only when the piece is another one. */
export function useLive<T>(selector: (state: LiveState) => T): T {
  const live = useLiveClient();
  const last = useRef<{ state: LiveState; selector: unknown; value: T } | null>(null);
  const read = (): T => {
    const state = live.getState();
    const before = last.current;
    if (before !== null && before.state === state && before.selector === selector) return before.value;
    const fresh = selector(state);
    const value = before !== null && isSame(before.value, fresh) ? before.value : fresh;
    last.current = { state, selector, value };
    return value;
  };
  return useSyncExternalStore(live.subscribe, read);
}

/** Server time in ms; ticks once a second. Prefer `Timer`. */
export function useNow(): number {
  const { clock } = useLiveClient();
  return useSyncExternalStore(
    useCallback((listener) => clock.subscribe(listener), [clock]),
    () => clock.shown(),
  );
}

export interface CommandHold {
  run(name: CommandName, args: object): Promise<CommandOutcome>;
  isPending: boolean;
  steps: readonly CommandStepView[];
  /** Why the last one had no effect, in words. */
  failure: string | null;
}

const NO_STEPS: readonly CommandStepView[] = [];

/** A command of one button. Buttons with the same key are one: bar and stage show the same. */
export function useCommand(key: string): CommandHold {
  const live = useLiveClient();
  const command = useLive((state) => state.commands.get(key));
  const run = useCallback(
    async (name: CommandName, args: object) => {
      const outcome = await live.command(key, name, args);
      if (!outcome.ok && outcome.failure.code !== "pending") refuse(key, name, outcome.failure);
      return outcome;
    },
    [live, key],
  );
  return {
    run,
    isPending: command?.isPending ?? false,
    steps: command?.steps ?? NO_STEPS,
    failure: failureOf(command),
  };
}

function failureOf(command: RunningCommand | undefined): string | null {
  return command?.failure ? failureWords(command.failure.code, command.failure.detail) : null;
}

function refuse(key: string, name: CommandName, failure: { code: string; detail: string }): void {
  toast({
    kind: "bad",
    key,
    title: m.toast_refused({ command: commandName(name) }),
    text: failureWords(failure.code, failure.detail),
  });
}

/** Rights of the signed-in person: `call.read` in any reach, `call.read.team` in this one or a wider. */
export function useRights(): { has(right: string): boolean } {
  const me = useMe();
  return useMemo(() => ({ has: (right: string) => covers(me.rights, right) }), [me.rights]);
}

/** Whether a call allows a command now, and why not. A broken connection comes first. */
export function usePermit(call: CallDetail | undefined, command: CallCommandName): Permission {
  return useLive((state) => {
    if (state.connection.phase !== "open") return { allowed: false, why: m.why_offline() };
    if (isSwitchDown(state, call?.switch)) return { allowed: false, why: m.why_link_down() };
    return permitOf(call, command);
  });
}

/** The agent that the signed-in person is. */
export function useAgentOfMe(): AgentView | undefined {
  const me = useMe();
  return useLive((state) => {
    const { items } = state.parts.agents;
    return (me.agent ? items.get(me.agent) : undefined) ?? [...items.values()].find((one) => isMine(one.user, me.user));
  });
}

function isMine(user: string | null | undefined, me: string | null | undefined): boolean {
  return user !== null && user !== undefined && user === me;
}

/** The phone that takes my offers and click-to-dial. */
export function useMyDevice(): DeviceView | undefined {
  const me = useMe();
  return useLive((state) => {
    const { items } = state.parts.devices;
    return (me.primary_device ? items.get(me.primary_device) : undefined) ?? [...items.values()].find((one) => isMine(one.user, me.user));
  });
}

/** Live calls of mine, oldest first: the order never changes while they live. */
export function useMyCalls(): CallDetail[] {
  return useLive((state) =>
    [...state.parts.calls.items.values()]
      .filter((call) => call.state === "live")
      .toSorted((a, b) => a.started_at.localeCompare(b.started_at) || a.id.localeCompare(b.id)),
  );
}

const NO_REASONS: readonly ReasonView[] = [];

const useReasonsQuery = () => useQuery({
  queryKey: ["reasons"],
  queryFn: () => ok(api.GET("/v1/reasons")),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The list of pause reasons; empty until it is here. */
export function useReasons(): readonly ReasonView[] {
  return useReasonsQuery().data?.items ?? NO_REASONS;
}

/** Whether the reasons are still being read. */
export function useAwaitsReasons(): boolean {
  return useReasonsQuery().isPending;
}
