import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
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
import { drafts } from "../../app/drafts";
import { type QueueForm, queueFaults, queueForm, settled, settledNew, wholeForm } from "./forms";
import { QueueFields } from "./QueueFields";
import { type Kept, keptIn, useKept } from "./useKept";
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
  /** It was made as `sent`, and now has an id: what was typed since then is typed for that queue. */
  handOver: (sent: QueueForm, id: string, etag: string | null) => void;
  unread: Unread;
}

const draftOf = (id: string): string => `acd:queue:${id}`;
const pathOf = (id: string): string => (id === NEW ? "/v1/queues" : `/v1/queues/${encodeURIComponent(id)}`);

export function useQueueView(id: string) {
  return useQuery({ queryKey: ["queues", "one", id], queryFn: () => withEtag<QueueDetail>("GET", pathOf(id)), enabled: id !== NEW });
}

/** What is typed for a queue, kept until it is saved, and what saving would do. */
export function useQueueWork(id: string): QueueWork {
  const view = useQueueView(id);
  const [kept, keep] = useKept<QueueForm>(draftOf(id));
  const form = kept === null ? queueForm(view.data?.data) : wholeForm(kept.value);
  const isWhole = kept !== null && Object.keys(queueFaults(form)).length === 0;
  const unread = useUnread();
  const trial = useTrial(id === NEW ? "POST" : "PUT", pathOf(id), isWhole ? { own: form } : null);
  return {
    form,
    kept,
    trial,
    set: (change) => keep((now) => ({ etag: now?.etag ?? view.data?.etag ?? null, value: { ...(now === null ? form : wholeForm(now.value)), ...change } })),
    drop: () => {
      keep(() => null);
      unread.forget();
    },
    settle: (sent, etag) => keep((now) => settled(now, sent, etag)),
    handOver: (sent, made, etag) => {
      const rest = settledNew(keptIn<QueueForm>(drafts.get(draftOf(id))), sent, etag);
      drafts.set(draftOf(made), rest === null ? "" : JSON.stringify(rest));
    },
    unread,
  };
}

interface QueuePartProps {
  id: string;
  work: QueueWork;
  onShow: (id: string | undefined) => void;
  onView: (view: QueueLook) => void;
}

/** Settings of one queue of ours. */
export function QueuePart({ id, work, onShow, onView }: QueuePartProps) {
  const view = useQueueView(id);
  if (id !== NEW && view.data === undefined) return <Loaded query={view} title={m.acd_queue_unread()}>{() => null}</Loaded>;
  // One place for a queue that is made and for the same one right after: whoever types on loses neither text nor cursor.
  return <Editor id={id} view={view.data?.data} etag={view.data?.etag ?? null} work={work} onShow={onShow} onView={onView} />;
}

function Editor({ id, view, etag, work, onShow, onView }: QueuePartProps & { view: QueueDetail | undefined; etag: string | null }) {
  const { form, kept, trial } = work;
  const faults = queueFaults(form);
  const queries = useQueryClient();
  const whenLeft = useWhenLeft(id);
  const write = async (body: QueueForm): Promise<Tagged<QueueDetail>> => {
    const reply = await withEtag<QueueDetail>(id === NEW ? "POST" : "PUT", pathOf(id), { body: { own: { ...body, name: body.name.trim() } }, ...tagOf(kept?.etag) });
    queries.setQueryData(["queues", "one", reply.data.id], reply);
    if (id !== NEW) work.settle(body, reply.etag);
    else {
      const handOver = () => work.handOver(body, reply.data.id, reply.etag);
      handOver();
      // What is typed before this place shows the queue that was made is handed over, too.
      whenLeft(() => {
        handOver();
        drafts.set(draftOf(NEW), "");
      });
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
    if (id === NEW) onShow(data.id);
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
      toolbar={view === undefined ? undefined : <ViewSwitch value="settings" onChange={onView} />}
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

/** Runs something once this place shows another queue or none; at once when it does so already. */
function useWhenLeft(id: string): (run: () => void) => void {
  const shown = useRef<string | null>(id);
  const due = useRef<() => void>(undefined);
  useEffect(() => {
    shown.current = id;
    return () => {
      shown.current = null;
      due.current?.();
      due.current = undefined;
    };
  }, [id]);
  return useCallback((run) => {
    if (shown.current === id) due.current = run;
    else run();
  }, [id]);
}

/** What of a queue is shown. */
export const QUEUE_LOOKS = ["settings", "members", "limits"] as const;
export type QueueLook = (typeof QUEUE_LOOKS)[number];

/** Settings of a queue, the people in it, or what it is watched for. */
export function ViewSwitch({ value, onChange }: { value: QueueLook; onChange: (view: QueueLook) => void }) {
  const words = { settings: m.acd_settings, members: m.acd_members, limits: m.acd_limits };
  return <Segments label={m.acd_view()} options={QUEUE_LOOKS.map((id) => ({ id, label: words[id]() }))} value={value} onChange={(next) => next !== value && onChange(next)} />;
}

function tagOf(etag: string | null | undefined): { ifMatch?: string } {
  return etag ? { ifMatch: etag } : {};
}

function Remove({ view, etag, onGone }: { view: QueueDetail; etag: string | null; onGone: () => void }) {
  const save = useSave(() => call("DELETE", pathOf(view.id), tagOf(etag)), KEYS);
  return <ConfirmDelete title={m.acd_queue_delete({ name: view.name })} text={m.acd_queue_delete_text()} isPending={save.isPending} problem={save.problem} onConfirm={(done) => save.run(undefined, () => { done(); onGone(); })} />;
}
