import { CircleAlert, Phone } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useCommand } from "../../app/hooks";
import { failureWords } from "../../domain/can";
import { phone } from "../../domain/format";
import { cleanPaste, looksDialable } from "../../domain/numbers";
import { m } from "../../i18n/generated/messages.js";
import { IconButton } from "../../ui/Button/Button";
import { TextField } from "../../ui/Field/Field";
import { useDialAsked } from "./open";
import { useBarParts } from "./useBarParts";
import { usePeople } from "./usePeople";
import { type Normalized, useNormalized } from "./useNormalized";
import { useWhyNot } from "./useWhyNot";
import css from "./DialField.module.css";

const LAST_KEPT_AS = "tieline.last-dialled";

interface DialFieldProps {
  /** Called when a call was asked for. */
  onDialled?: () => void;
  /** Takes the cursor as soon as it appears. */
  isWanted?: boolean;
}

/** A name or number to call. Enter dials what stands there at that moment, whatever was looked up meanwhile. */
export function DialField({ onDialled, isWanted = false }: DialFieldProps) {
  const [text, setText] = useState("");
  const [isFocused, setFocused] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const hint = useId();
  const people = usePeople(text);
  const read = useNormalized(text);
  const why = useWhyNot();
  const dial = useCommand("make_call");
  const parts = useBarParts();
  // A field that has the cursor is not exchanged under it.
  const [hasList, setHasList] = useState(parts !== null);
  if (parts !== null && !hasList && !isFocused) setHasList(true);
  const field = { "aria-label": m.bar_dial_label(), "aria-describedby": hint, look: "search", placeholder: m.bar_dial_placeholder() } as const;
  useCursor(box, isWanted);
  const call = async (wish: string) => {
    const to = cleanPaste(wish);
    if (to === "" || why !== null) return;
    localStorage.setItem(LAST_KEPT_AS, to);
    onDialled?.();
    const outcome = await dial.run("make_call", { to });
    if (outcome.ok) setText((now) => (cleanPaste(now) === to ? "" : now));
  };
  const keys = (event: KeyboardEvent) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement)) return;
    if (event.key === "Enter" && !input.getAttribute("aria-activedescendant")) {
      event.preventDefault();
      event.stopPropagation();
      void call(input.value);
    } else if (event.key === "Escape" && text !== "") {
      event.stopPropagation();
      setText("");
    } else if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      setText(localStorage.getItem(LAST_KEPT_AS) ?? "");
    }
  };
  const pick = (id: string | null) => {
    const number = people.find((one) => one.id === id)?.number;
    if (number !== undefined) setText(number);
  };
  return (
    <div ref={box} className={css.dial} onKeyDownCapture={keys} onPasteCapture={(event) => paste(event, setText)} onFocus={() => setFocused(true)} onBlur={() => setFocused(false)}>
      {parts !== null && hasList ? <parts.ComboBox {...field} filtered allowsCustomValue choices={people} inputValue={text} onInputChange={setText} onPick={pick} /> : <TextField {...field} value={text} onChange={setText} />}
      <IconButton label={m.command_dial()} icon={<Phone aria-hidden />} isPending={dial.isPending} reason={why ?? (text.trim() === "" ? m.why_no_number() : null)} onPress={() => void call(text)} />
      <div id={hint} className={css.preview} hidden={!isFocused || !looksDialable(text)}>
        <Preview read={read} />
      </div>
    </div>
  );
}

/** The cursor comes by a shortcut, or because the field was just opened by a press. */
function useCursor(box: React.RefObject<HTMLDivElement | null>, isWanted: boolean): void {
  const asked = useDialAsked();
  const first = useRef(asked);
  useEffect(() => {
    if (asked === first.current && !isWanted) return;
    const input = box.current?.querySelector("input");
    input?.focus();
    input?.select();
  }, [asked, isWanted, box]);
}

/** Pasted text loses its scheme and line breaks, at the place of the cursor. */
function paste(event: ClipboardEvent, setText: (text: string) => void): void {
  const input = event.target;
  if (!(input instanceof HTMLInputElement)) return;
  event.preventDefault();
  const [start, end] = [input.selectionStart ?? input.value.length, input.selectionEnd ?? input.value.length];
  const clean = cleanPaste(event.clipboardData.getData("text"));
  setText(input.value.slice(0, start) + clean + input.value.slice(end));
}

function Preview({ read }: { read: Normalized | undefined }) {
  if (read === undefined) return <span>{"\u00a0"}</span>;
  if (!read.dial.allowed) {
    return (
      <span className={css.refused} data-tone="bad">
        <CircleAlert aria-hidden />
        {failureWords(read.dial.code ?? "number_invalid", read.dial.detail ?? "")}
      </span>
    );
  }
  const number = phone(read.number);
  return <span>{read.extension ? m.bar_dials_then({ number, extension: read.extension }) : m.bar_dials({ number })}</span>;
}
