import { useEffect, useRef } from "react";
import { permitOf, type CallCommandName } from "../domain/can";
import { desk } from "../desk/desk";
import { currentLine, type Line } from "../desk/bar/lines";
import { bar } from "../desk/bar/open";
import { STATE_KEY } from "../desk/bar/StateButton";
import { useAgentWork } from "../desk/bar/useAgentWork";
import { useBarParts } from "../desk/bar/useBarParts";
import { useLines } from "../desk/bar/useLines";
import { drawers } from "./drawers";
import { useAgentOfMe, useCommand, useLive, useLiveClient } from "./hooks";
import { actionOf, shortcuts } from "./shortcuts";

/** Hears the shortcuts of the whole desk and shows their list. */
export function Shortcuts() {
  const act = useActions();
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = actionOf(event);
      if (action !== null) {
        event.preventDefault();
        latest.current(action);
      } else if (event.key === "?" && !isTyping(event.target)) {
        shortcuts.open();
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  const parts = useBarParts();
  return parts && <parts.ShortcutsSheet />;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function useActions(): (action: string) => void {
  const live = useLiveClient();
  const lines = useLines();
  const agent = useAgentOfMe();
  const state = useCommand(STATE_KEY);
  const work = useAgentWork(agent);
  const pops = useLive((now) => [...now.parts.pops.items.values()].filter((pop) => pop.state === "active"));
  const command = (line: Line | undefined, name: CallCommandName) => {
    // A shortcut does what its button would: nothing, when the button may not be pressed.
    if (line === undefined || !permitOf(line.call, name).allowed) return;
    void live.command(`${name}:${line.call.id}`, name, { call_id: line.call.id });
  };
  const current = currentLine(lines);
  return (action) => {
    if (action === "answer") command(lines.find((line) => line.phase === "ringing"), "answer_call");
    if (action === "hold") command(current, current?.phase === "held" ? "retrieve_call" : "hold_call");
    if (action === "clear") command(current, "clear_connection");
    if (action === "transfer" && current !== undefined) {
      desk.toggleTransfer(current.call.id);
      drawers.open("tools");
    }
    if (action === "ready" && agent !== undefined) void state.run("set_agent_state", { agent_id: agent.id, state: "ready" });
    if (action === "pause") bar.setStateMenu(true);
    if (action === "finish" && work.isKept && agent?.state.effective === "wrap_up") void work.finish();
    if (action === "dial") bar.dial();
    if (action.startsWith("call:")) focusCall(Number(action.slice("call:".length)), lines, pops);
  };
}

/** The n-th call that rings or runs gets the stage and the focus; only a person's key does that. */
function focusCall(place: number, lines: readonly Line[], pops: readonly { id: string; call: string }[]): void {
  const calls = [...lines.map((line) => line.call.id), ...pops.map((pop) => pop.call)];
  const call = [...new Set(calls)][place - 1];
  if (call === undefined) return;
  desk.chooseCall(call);
  const pop = pops.find((one) => one.call === call);
  requestAnimationFrame(() => {
    const card = document.getElementById(`call-${call}`) ?? document.getElementById(`pop-${pop?.id ?? ""}`);
    card?.focus();
  });
}
