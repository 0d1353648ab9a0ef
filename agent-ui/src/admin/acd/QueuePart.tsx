import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call, type Tagged, withEtag } from "../../api/client";
import type { QueueDetail } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { Pane } from "../../ui/Pane/Pane";
import { Segments } from "../../ui/Segments/Segments";
import { Tag } from "../../ui/Tag/Tag";
import { ConfirmDelete } from "../parts/ConfirmDelete";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { type Unread, UnreadFields, useUnread } from "../parts/unread";
import { useSave } from "../parts/useSave";
import { toast } from "../../app/toast";
import { type QueueForm, queueFaults, queueForm, settled } from "./forms";
import { QueueFields } from "./QueueFields";
import { type Kept, useKept } from "./useKept";
import { type Trial, useTrial } from "./useTrial";

const KEYS = ["queues"];

export const NEW = "new";

export interface QueueWork {
  form: QueueForm;
  kept: Kept<QueueForm> | null;
  trial: Trial;
  set: (change: Partial<QueueForm>) => void;
  drop: () => void;
  /** It was saved as it stood; what was typed since then stays, over this version. */
  settle: (sent: QueueForm, etag: string | null) => void;
  unread: Unread;
}

const pathOf = (id: string): string => (id === NEW ? "/v1/queues" : `/v1/queues/${encodeURIComponent(id)}`);

export function useQueueView(id: string) {
  return useQuery({ queryKey: ["queues", "one", id], queryFn: () => withEtag<QueueDetail>("GET", pathOf(id)), enabled: id !== NEW });
}

/** What is typed for a queue, kept until it is saved, and what saving would do. */
export function useQueueWork(id: string): QueueWork {
  const view = useQueueView(id);
  const [kept, keep] = useKept<QueueForm>(`acd:queue:${id}`);
  const form = kept?.value ?? queueForm(view.data?.data);
  const isWhole = kept !== null && Object.keys(queueFaults(form)).length === 0;
  const unread = useUnread();
  const trial = useTrial(id === NEW ? "POST" : "PUT", pathOf(id), isWhole ? { own: form } : null);
  return {
    form,
    kept,
    trial,
    set: (change) => keep((now) => ({ etag: now?.etag ?? view.data?.etag ?? null, value: { ...(now?.value ?? form), ...change } })),
    drop: () => {
      keep(() => null);
      unread.forget();
    },
    settle: (sent, etag) => keep((now) => settled(now, sent, etag)),
    unread,
  };
}

interface QueuePartProps {
  id: string;
  work: QueueWork;
  onShow: (id: string | undefined) => void;
  onMembers: () => void;
}

/** Settings of one queue of ours. */
export function QueuePart({ id, work, onShow, onMembers }: QueuePartProps) {
  const view = useQueueView(id);
  if (id === NEW) return <Editor id={id} view={undefined} etag={null} work={work} onShow={onShow} onMembers={onMembers} />;
  return <Loaded query={view} title={m.acd_queue_unread()}>{({ data, etag }) => <Editor id={id} view={data} etag={etag} work={work} onShow={onShow} onMembers={onMembers} />}</Loaded>;
}

function Editor({ id, view, etag, work, onShow, onMembers }: QueuePartProps & { view: QueueDetail | undefined; etag: string | null }) {
  const { form, kept, trial } = work;
  const faults = queueFaults(form);
  const queries = useQueryClient();
  const write = async (body: QueueForm): Promise<Tagged<QueueDetail>> => {
    const reply = await withEtag<QueueDetail>(id === NEW ? "POST" : "PUT", pathOf(id), { body: { own: { ...body, name: body.name.trim() } }, ...tagOf(kept?.etag) });
    if (id !== NEW) {
      queries.setQueryData(["queues", "one", id], reply);
      work.settle(body, reply.etag);
    }
    return reply;
  };
  const save = useSave(write, KEYS);
  const drop = () => {
    work.drop();
    save.reset();
  };
  const run = () => save.run(form, ({ data }) => {
    toast({ kind: "good", title: m.admin_saved() });
    if (id !== NEW) return;
    drop();
    onShow(data.id);
  });
  const error = (field: string) => save.fields[`own.${field}`] ?? trial.fields[`own.${field}`];
  const isDirty = kept !== null || work.unread.count > 0;
  const wrong = work.unread.count + (kept === null ? 0 : Object.keys(faults).length + Object.keys(trial.fields).length);
  return (
    <Pane
      title={view?.name ?? m.acd_queue_new()}
      note={view === undefined ? undefined : view.open ? m.acd_open_now() : m.acd_closed_now()}
      head="admin"
      actions={kept !== null && <Tag look="outlined">{m.admin_edited()}</Tag>}
      toolbar={view === undefined ? undefined : <ViewSwitch value="settings" onChange={onMembers} />}
      foot={(
        <SaveBar save={save} faults={wrong} isDirty={isDirty} onSave={run} onDiscard={drop} onTheirs={drop} {...(id === NEW ? { label: m.acd_queue_make() } : {})}>
          {view !== undefined && <Remove view={view} etag={etag} onGone={() => { drop(); onShow(undefined); }} />}
        </SaveBar>
      )}
    >
      <UnreadFields of={work.unread}><QueueFields id={id} form={form} faults={kept === null ? {} : faults} set={work.set} error={error} /></UnreadFields>
    </Pane>
  );
}

/** Settings of a queue, or the people in it. */
export function ViewSwitch({ value, onChange }: { value: "settings" | "members"; onChange: () => void }) {
  const options = [{ id: "settings" as const, label: m.acd_settings() }, { id: "members" as const, label: m.acd_members() }];
  return <Segments label={m.acd_view()} options={options} value={value} onChange={(next) => next !== value && onChange()} />;
}

function tagOf(etag: string | null | undefined): { ifMatch?: string } {
  return etag ? { ifMatch: etag } : {};
}

function Remove({ view, etag, onGone }: { view: QueueDetail; etag: string | null; onGone: () => void }) {
  const save = useSave(() => call("DELETE", pathOf(view.id), tagOf(etag)), KEYS);
  return <ConfirmDelete title={m.acd_queue_delete({ name: view.name })} text={m.acd_queue_delete_text()} isPending={save.isPending} problem={save.problem} onConfirm={(done) => save.run(undefined, () => { done(); onGone(); })} />;
}
