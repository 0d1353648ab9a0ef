import type { CallDetail } from "../../api/types";
import { useLive, useMe, useRights } from "../../app/hooks";
import { clock } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { TextArea } from "../../ui/Field/Field";
import type { NoteState } from "./notebook";
import { type NoteView, useNote, writerOf } from "./note";
import css from "./Tools.module.css";

const LONGEST = 4_000;

/** The note of the call: usable while it rings, the same element through answer, transfer and wrap-up. */
export function Note({ id, call }: { id: string; call: CallDetail | undefined }) {
  const me = useMe();
  const rights = useRights();
  const note = useNote(id, call, me.user);
  const others = latestOfOthers(call?.notes ?? [], me.user);
  const mayWrite = rights.has("call.note");
  return (
    <div className={css.note}>
      {others.map((one) => <EarlierNote key={one.id} note={one} />)}
      <TextArea aria-label={m.desk_note()} grow rows={3} maxLength={LONGEST} value={note.text} onChange={note.write} onBlur={note.flush} isReadOnly={!mayWrite} placeholder={mayWrite ? m.desk_note_hint() : m.desk_note_no_right()} />
      <p className={css.status} role="status" data-status={note.state.status}>{statusWords(note.state)}{note.text.length > LONGEST * 0.8 && <> · {m.desk_note_length({ used: note.text.length, most: LONGEST })}</>}</p>
    </div>
  );
}

export function statusWords({ status, savedAt }: NoteState): string {
  switch (status) {
    case "saving":
      return m.desk_note_saving();
    case "kept":
      return m.desk_note_kept();
    case "saved":
      return savedAt === null ? m.desk_note_self() : m.desk_note_saved({ time: clock(savedAt) });
    default:
      return m.desk_note_self();
  }
}

/** The newest text of everybody else who wrote: each saving is a whole text. */
function latestOfOthers(all: readonly NoteView[], me: string | null | undefined): NoteView[] {
  const byWriter = new Map<string, NoteView>();
  for (const note of all) {
    const writer = writerOf(note);
    if (writer === null || writer !== me) byWriter.set(writer ?? note.id, note);
  }
  return [...byWriter.values()];
}

function EarlierNote({ note }: { note: NoteView }) {
  const writer = writerOf(note);
  const name = useLive((state) => (writer === null ? null : ([...state.parts.agents.items.values()].find((agent) => agent.user === writer)?.name ?? null)));
  return <blockquote className={css.earlier}><p>{note.text}</p><footer>{[name ?? m.desk_colleague(), clock(note.at)].join(" · ")}</footer></blockquote>;
}
