import { useEffect, useSyncExternalStore } from "react";
import type { CallDetail } from "../../api/types";
import { api, ok } from "../../api/client";
import { drafts } from "../../app/drafts";
import { queryClient } from "../../app/query";
import { Notebook, type NoteState } from "./notebook";

const key = (call: string): string => `note:${call}`;

export const notes = new Notebook({
  read: (call) => drafts.get(key(call)),
  write: (call, text) => drafts.set(key(call), text),
  post: async (call, text) => {
    await ok(api.POST("/v1/calls/{id}/notes", { params: { path: { id: call } }, body: { text } }));
    void queryClient.invalidateQueries({ queryKey: ["calls", call] });
  },
  now: Date.now,
  after: (ms, run) => {
    const timer = window.setTimeout(run, ms);
    return () => window.clearTimeout(timer);
  },
});

export type NoteView = CallDetail["notes"][number];

/** Who wrote it: the id of a person, or none. */
export function writerOf(note: NoteView): string | null {
  const { user } = note.actor as { user?: unknown };
  return typeof user === "string" ? user : null;
}

export interface OwnNote {
  text: string;
  state: NoteState;
  write: (text: string) => void;
  flush: () => void;
}

/** The own note of a call, shared by tabs, kept over reloads. */
export function useNote(id: string, call: CallDetail | undefined, me: string | null | undefined): OwnNote {
  const mine = call?.notes.findLast((note) => writerOf(note) === me);
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.get(key(id)));
  const state = useSyncExternalStore(notes.subscribe, () => notes.state(id));
  const isKnown = call !== undefined;
  const saved = mine?.text ?? "";
  const savedAt = mine === undefined ? null : Date.parse(mine.at);
  useEffect(() => {
    if (isKnown) notes.open(id, saved, savedAt);
    // Only the first picture counts; later ones are our own saving.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [id, isKnown]);
  useEffect(() => () => notes.flush(id), [id]);
  const isEmptied = draft === "" && state.status === "typing";
  return { text: draft !== "" || isEmptied ? draft : saved, state, write: (text) => notes.type(id, text), flush: () => notes.flush(id) };
}
