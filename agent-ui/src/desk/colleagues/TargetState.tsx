import { FolderKanban, Hash, ListOrdered } from "lucide-react";
import { Timer } from "../../app/Timer";
import { useReasons } from "../../app/hooks";
import { isUnreachable, lookOf, stateSince, stateWord, type StateLook } from "../../domain/states";
import { m } from "../../i18n/generated/messages.js";
import { StateMark } from "../../ui/StateMark/StateMark";
import type { Target } from "../transfer/targets";
import css from "./Colleagues.module.css";

const LINE_LOOKS: Record<string, StateLook> = { idle: "ready", ringing: "ringing", busy: "talking_direct", held: "hold", unreachable: "logged_out", offline: "logged_out" };

const lineWord = (state: string): string => (state === "ringing" ? m.state_ringing() : state === "busy" ? m.desk_line_busy() : state === "held" ? m.state_hold() : state === "idle" ? m.desk_line_free() : m.state_unreachable());

/** Disc of a colleague, a line or a queue. */
export function TargetMark({ target }: { target: Target }) {
  const reasons = useReasons();
  if (target.agent !== undefined) return <StateMark state={lookOf(target.agent.state, reasons, { device: target.device?.state })} unreachable={isUnreachable(target.agent.state)} />;
  if (target.device !== undefined) return <StateMark state={LINE_LOOKS[target.device.state] ?? "logged_out"} unreachable={target.device.state === "unreachable"} />;
  return <span className={css.glyph}>{target.kind === "queue" ? <ListOrdered aria-hidden /> : target.kind === "project" ? <FolderKanban aria-hidden /> : <Hash aria-hidden />}</span>;
}

/** The state in words and how long it has lasted. */
export function TargetState({ target }: { target: Target }) {
  const reasons = useReasons();
  if (target.agent !== undefined) {
    const around = { device: target.device?.state };
    return <span className={css.state} data-state={isUnreachable(target.agent.state) ? "logged_out" : lookOf(target.agent.state, reasons, around)}><span>{stateWord(target.agent.state, reasons, around)}</span> <Timer since={stateSince(target.agent.state)} /></span>;
  }
  if (target.device !== undefined) return <span className={css.state} data-state={LINE_LOOKS[target.device.state] ?? "logged_out"}><span>{lineWord(target.device.state)}</span> <Timer since={target.device.since} /></span>;
  if (target.queue !== undefined) return <span className={css.plain}>{m.desk_queue_waiting({ count: target.queue.waiting.length })}</span>;
  if (target.kind === "project") return <span className={css.plain}>{m.desk_project()} · {m.desk_queue_waiting({ count: target.waiting ?? 0 })}</span>;
  return <span className={css.plain}>{m.desk_outside()}</span>;
}
