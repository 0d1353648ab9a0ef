import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, ok } from "../api/client";
import { useLive } from "../app/hooks";
import { UnreadFields, useUnread } from "../admin/parts/unread";
import { useSave } from "../admin/parts/useSave";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Dialog } from "../ui/Dialog/Dialog";
import { TextArea, TextField } from "../ui/Field/Field";
import { InlineError } from "../ui/Message/Message";
import { Select } from "../ui/Select/Select";
import { WORK_KEY } from "./data";
import { MomentField } from "./MomentField";
import { momentOf } from "./work";
import css from "./work.module.css";

const EMPTY = { number: "", queue: null as string | null, subject: "", due: "" };

/** Asks for a callback at a time, or as soon as somebody is free. What was typed stays until it is planned. */
export function PlanCallback({ onPlanned }: { onPlanned: (id: string) => void }) {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState(EMPTY);
  const queues = useLive((state) => [...state.parts.queues.items.values()].map((one) => one.queue).filter(({ kind }) => kind === "owned"));
  const queue = typed.queue ?? (queues.length === 1 ? queues[0]?.id ?? null : null);
  const due = momentOf(typed.due);
  const set = (change: Partial<typeof EMPTY>) => setTyped({ ...typed, ...change });
  const save = useSave(() => ok(api.POST("/v1/callbacks", { body: { queue: queue ?? "", number: typed.number.trim(), subject: typed.subject.trim(), ...(due === null ? {} : { due }) } })), [WORK_KEY[0]]);
  const missing = typed.number.trim() === "" || queue === null;
  const unread = useUnread();
  const isWrong = unread.count > 0 || (typed.due !== "" && due === null);
  const plan = () => save.run(undefined, ({ id }) => {
    setOpen(false);
    setTyped(EMPTY);
    void queries.invalidateQueries({ queryKey: WORK_KEY });
    onPlanned(id);
  });
  return (
    <>
      <Button size="sm" icon={<Plus aria-hidden />} reason={queues.length === 0 ? m.work_why_no_queue() : null} onPress={() => setOpen(true)}>{m.work_plan()}</Button>
      <Dialog
        title={m.work_plan()}
        isOpen={isOpen}
        onOpenChange={setOpen}
        actions={<><Button onPress={() => setOpen(false)}>{m.admin_cancel()}</Button><Button kind="primary" isPending={save.isPending} reason={missing ? m.work_plan_missing() : isWrong ? m.work_time_wrong() : null} onPress={plan}>{m.work_plan_do()}</Button></>}
      >
        <div className={css.form}>
          <TextField label={m.work_number()} type="tel" isRequired value={typed.number} onChange={(number) => set({ number })} error={save.fields.number} />
          <Select label={m.admin_queue()} choices={queues.map(({ id, name }) => ({ id, label: name }))} value={queue} onChange={(id) => set({ queue: id })} error={save.fields.queue} />
          <TextArea label={m.work_subject()} rows={2} value={typed.subject} onChange={(subject) => set({ subject })} error={save.fields.subject} />
          <UnreadFields of={unread}><MomentField label={m.work_due()} hint={m.work_due_hint()} value={typed.due} onChange={(text) => set({ due: text })} error={isWrong ? m.work_time_wrong() : save.fields.due} /></UnreadFields>
          {save.problem !== null && Object.keys(save.fields).length === 0 && <InlineError>{save.problem}</InlineError>}
        </div>
      </Dialog>
    </>
  );
}
