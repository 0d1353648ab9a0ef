import { Fragment, useEffect, useRef } from "react";
import { permitOf, type CallCommandName } from "../domain/can";
import { desk } from "../desk/desk";
import { currentLine, type Line } from "../desk/bar/lines";
import { bar } from "../desk/bar/open";
import { STATE_KEY } from "../desk/bar/StateButton";
import { useLines } from "../desk/bar/useLines";
import { m } from "../i18n/generated/messages.js";
import { Dialog } from "../ui/Dialog/Dialog";
import { Kbd } from "../ui/Kbd/Kbd";
import { drawers } from "./drawers";
import { useAgentOfMe, useCommand, useLive, useLiveClient } from "./hooks";
import { actionOf, shortcuts, useShortcutsOpen } from "./shortcuts";
import css from "./Shortcuts.module.css";

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
  return <Sheet />;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function useActions(): (action: string) => void {
  const live = useLiveClient();
  const lines = useLines();
  const agent = useAgentOfMe();
  const state = useCommand(STATE_KEY);
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

function Sheet() {
  const isOpen = useShortcutsOpen();
  const rows: [string, string][] = [
    ["Alt ⇧ A", m.shortcut_answer()],
    ["Alt ⇧ H", m.shortcut_hold()],
    ["Alt ⇧ T", m.shortcut_transfer()],
    ["Alt ⇧ K", m.shortcut_clear()],
    ["Alt ⇧ R", m.shortcut_ready()],
    ["Alt ⇧ P", m.shortcut_pause()],
    ["Alt ⇧ D", m.shortcut_dial()],
    ["Alt ⇧ 1", m.shortcut_call()],
    ["Enter", m.shortcut_enter()],
    ["↑", m.shortcut_up()],
    ["?", m.shortcut_help()],
  ];
  return (
    <Dialog title={m.shortcuts_title()} isOpen={isOpen} onOpenChange={shortcuts.set}>
      <dl className={css.list}>
        {rows.map(([keys, words]) => (
          <Fragment key={keys}>
            <dt>
              <Kbd>{keys}</Kbd>
              <span className="visually-hidden">{keys.replace("⇧", "Shift")}</span>
            </dt>
            <dd>{words}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
