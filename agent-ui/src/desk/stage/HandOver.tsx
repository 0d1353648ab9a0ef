import { useRef, useState } from "react";
import { call as request, idempotencyKey } from "../../api/client";
import { useSave } from "../../admin/parts/useSave";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Switch } from "../../ui/Choice/Choice";
import { Dialog } from "../../ui/Dialog/Dialog";
import { TextArea, TextField } from "../../ui/Field/Field";
import { InlineError } from "../../ui/Message/Message";
import { Select } from "../../ui/Select/Select";
import type { Filing, RecordsSystem } from "./filings";
import css from "./Records.module.css";

/** Longest title, characters: what a records system takes. */
const TITLE_CHARS = 100;

interface HandOverProps {
  call: string;
  systems: readonly RecordsSystem[];
  /** Lists that are read again afterwards. */
  listed: readonly string[];
  onClose: () => void;
}

/** What is handed over of a call: its notes go along by themselves. */
export default function HandOver({ call, systems, listed, onClose }: HandOverProps) {
  const [wish, setWish] = useState({ records: systems[0]?.id ?? "", title: "", text: "", handled: false });
  // However often it is pressed, the call is handed over once.
  const key = useRef(idempotencyKey());
  const save = useSave((body: typeof wish) => request<Filing>("POST", `/v1/calls/${encodeURIComponent(call)}/filings`, { body: { ...body, title: body.title.trim() || null }, idempotencyKey: key.current }), listed);
  const set = (change: Partial<typeof wish>) => {
    save.reset();
    setWish({ ...wish, ...change });
  };
  const why = wish.title.trim().length > TITLE_CHARS ? m.desk_records_title_long({ most: TITLE_CHARS }) : null;
  const { fields, problem } = save;
  return (
    <Dialog
      title={m.desk_records_hand_over()}
      width="md"
      isOpen
      onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}
      actions={<><Button onPress={onClose}>{m.desk_cancel()}</Button><Button kind="primary" isPending={save.isPending} reason={why} onPress={() => save.run(wish, onClose)}>{m.desk_records_send()}</Button></>}
    >
      <div className={css.form}>
        {systems.length > 1 && <Select label={m.desk_records()} choices={systems.map(({ id, name }) => ({ id, label: name }))} value={wish.records} onChange={(records) => set({ records })} error={fields.records} />}
        <TextField label={m.desk_records_title()} hint={m.desk_records_title_hint()} value={wish.title} onChange={(title) => set({ title })} error={fields.title ?? why} autoFocus />
        <TextArea label={m.desk_records_text()} hint={m.desk_records_text_hint()} rows={5} value={wish.text} onChange={(text) => set({ text })} error={fields.text} />
        <Switch isSelected={wish.handled} onChange={(handled) => set({ handled })}>{m.desk_records_handled()}</Switch>
        {problem !== null && Object.keys(fields).length === 0 && <InlineError>{problem}</InlineError>}
      </div>
    </Dialog>
  );
}
