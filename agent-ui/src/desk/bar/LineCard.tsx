import { ArrowLeftRight, Ellipsis, Grid3x3, Pause, Phone, PhoneOff, Play, Repeat, Undo2, Users } from "lucide-react";
import type { ReactNode } from "react";
import { usePageDrawers } from "../../app/drawers";
import { useCommand, useLive, usePermit } from "../../app/hooks";
import { Timer } from "../../app/Timer";
import { type CallCommandName, commandName, stepWords } from "../../domain/can";
import { exactMatch } from "../../domain/contacts";
import { partyName, phone } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button, type ButtonKind, IconButton } from "../../ui/Button/Button";
import { Menu, MenuItem } from "../../ui/Menu/Menu";
import { StateMark } from "../../ui/StateMark/StateMark";
import { desk, useDesk } from "../desk";
import type { Line } from "./lines";
import css from "./LineCard.module.css";

interface LineCardProps {
  line: Line;
  /** The one the hands are on: tinted. */
  isCurrent: boolean;
  /** My phone has another call, and this is what to do with the two. */
  hasOther: boolean;
}

/** One call of my phone: who, for how long, and what may be done with it. */
export function LineCard({ line, isCurrent, hasOther }: LineCardProps) {
  const { call } = line;
  const match = useLive((state) => exactMatch([...state.parts.pops.items.values()].find((pop) => pop.call === call.id)));
  const name = partyName(line.party, call.contact ?? (line.isConsult ? null : match));
  return (
    <section className={css.line} data-state={line.look} data-current={isCurrent || undefined} data-call={call.id} aria-label={m.bar_line({ name })}>
      <button type="button" className={css.who} onClick={() => desk.chooseCall(call.id)}>
        <StateMark state={line.look} size={24} />
        <span className={css.party}>
          <span className={css.name}>{name}</span>
          <Sub line={line} name={name} />
        </span>
        <span className={css.time}>
          <Timer since={line.since} />
        </span>
      </button>
      <div className={css.actions}>
        <Actions line={line} hasOther={hasOther} />
      </div>
    </section>
  );
}

/** Under the name: what happens, the number, the queue. */
function Sub({ line, name }: { line: Line; name: string }) {
  const { call } = line;
  const queue = useLive((state) => (call.queue ? state.parts.queues.items.get(call.queue)?.queue.name : undefined));
  const step = useLive((state) => (call.command ? [...state.commands.values()].find((one) => one.id === call.command && one.isPending)?.steps.at(-1)?.step : undefined));
  const number = phone(line.party.number);
  const words = [step === undefined ? phaseWord(line) : stepWords(step), number === name ? "" : number, queue ?? ""];
  return <span className={css.sub}>{words.filter((word) => word !== "").join(" · ")}</span>;
}

function phaseWord(line: Line): string {
  switch (line.phase) {
    case "held":
      return m.bar_line_held();
    case "dialling":
      return m.bar_line_dialling();
    case "ringing_out":
      return m.bar_line_ringing_out();
    default:
      return line.isConsult ? m.bar_line_consult() : "";
  }
}

function Actions({ line, hasOther }: { line: Line; hasOther: boolean }) {
  switch (line.phase) {
    case "ringing":
      return (
        <>
          <CallButton line={line} command="answer_call" icon={<Phone aria-hidden />} kind="answer" word kbd="Alt+Shift+A" />
          <ClearButton line={line} />
        </>
      );
    case "held":
      return (
        <>
          {hasOther ? <CallButton line={line} command="alternate_call" icon={<Repeat aria-hidden />} /> : <CallButton line={line} command="retrieve_call" icon={<Play aria-hidden />} word kbd="Alt+Shift+H" />}
          {!hasOther && (
            <>
              <TransferButton line={line} />
              <ClearButton line={line} />
            </>
          )}
        </>
      );
    case "talking":
    case "ringing_out":
      return hasOther ? <ConsultActions line={line} /> : <TalkActions line={line} />;
    default:
      return <ClearButton line={line} />;
  }
}

function TalkActions({ line }: { line: Line }) {
  return (
    <>
      <CallButton line={line} command="hold_call" icon={<Pause aria-hidden />} word kbd="Alt+Shift+H" />
      <TransferButton line={line} />
      <span className={css.spare}>
        <CallButton line={line} command="conference_call" icon={<Users aria-hidden />} />
        <KeypadButton />
      </span>
      <MoreMenu line={line} />
      <ClearButton line={line} />
    </>
  );
}

function ConsultActions({ line }: { line: Line }) {
  return (
    <>
      <CallButton line={line} command="transfer_call" icon={<ArrowLeftRight aria-hidden />} kind="primary" word />
      <span className={css.spare}>
        <CallButton line={line} command="conference_call" icon={<Users aria-hidden />} />
      </span>
      <CallButton line={line} command="reconnect_call" icon={<Undo2 aria-hidden />} />
      <MoreMenu line={line} />
      <ClearButton line={line} />
    </>
  );
}

interface CallButtonProps {
  line: Line;
  command: CallCommandName;
  icon: ReactNode;
  kind?: ButtonKind;
  /** Shows its word where there is room. */
  word?: boolean;
  kbd?: string;
}

/** A command on the call: allowed or not by the server's permit, pending until the switch has shown it. */
function CallButton({ line, command, icon, kind = "default", word = false, kbd }: CallButtonProps) {
  const { call } = line;
  const permit = usePermit(call, command);
  const hold = useCommand(`${command}:${call.id}`);
  const label = commandName(command);
  const keys = kbd === undefined ? {} : { "aria-keyshortcuts": kbd };
  const press = () => void hold.run(command, { call_id: call.id });
  if (!word) return <IconButton label={label} icon={icon} kind={kind} reason={permit.why} isPending={hold.isPending} onPress={press} {...keys} />;
  return (
    <Button aria-label={label} icon={icon} kind={kind} reason={permit.why} tip={label} isPending={hold.isPending} onPress={press} {...keys}>
      <span className={css.word}>{label}</span>
    </Button>
  );
}

function ClearButton({ line }: { line: Line }) {
  return <CallButton line={line} command="clear_connection" icon={<PhoneOff aria-hidden />} kind={line.phase === "ringing" ? "default" : "clear"} kbd="Alt+Shift+K" />;
}

/** Opens the panel in the tools pane; what is possible there the panel knows. */
function TransferButton({ line }: { line: Line }) {
  const { call } = line;
  const blind = usePermit(call, "single_step_transfer");
  const consult = usePermit(call, "consultation_call");
  const { transfer } = useDesk();
  const drawers = usePageDrawers();
  const press = () => {
    desk.toggleTransfer(call.id);
    if (drawers.narrow && transfer !== call.id) drawers.openTools();
  };
  const isOpen = transfer === call.id;
  return (
    <span className={css.toggle} data-open={isOpen || undefined}>
      <Button aria-label={m.command_transfer()} aria-expanded={isOpen} aria-keyshortcuts="Alt+Shift+T" icon={<ArrowLeftRight aria-hidden />} reason={blind.allowed || consult.allowed ? null : blind.why} tip={m.command_transfer()} onPress={press}>
        <span className={css.word}>{m.command_transfer()}</span>
      </Button>
    </span>
  );
}

/** Tones are the phone's own keys: no switch command sends them for us. */
function KeypadButton() {
  return <IconButton label={m.command_keypad()} icon={<Grid3x3 aria-hidden />} reason={m.bar_keypad_hint()} />;
}

/** What does not fit, in narrow lines only. */
function MoreMenu({ line }: { line: Line }) {
  const permit = usePermit(line.call, "conference_call");
  const hold = useCommand(`conference_call:${line.call.id}`);
  return (
    <span className={css.more}>
      <Menu trigger={<IconButton label={m.bar_more()} icon={<Ellipsis aria-hidden />} />} aria-label={m.bar_more()} onAction={() => void hold.run("conference_call", { call_id: line.call.id })}>
        <MenuItem id="conference" icon={<Users aria-hidden />} isDisabled={!permit.allowed} {...(permit.why === null ? {} : { note: permit.why })}>
          {m.command_conference()}
        </MenuItem>
        <MenuItem id="keypad" icon={<Grid3x3 aria-hidden />} isDisabled note={m.bar_keypad_hint()}>
          {m.command_keypad()}
        </MenuItem>
      </Menu>
    </span>
  );
}
