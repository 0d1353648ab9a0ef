import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Tagged, withEtag } from "../../api/client";
import { toast } from "../../app/toast";
import { m } from "../../i18n/generated/messages.js";
import { type Unread, useUnread } from "../parts/unread";
import { type Save, useSave } from "../parts/useSave";
import { settled } from "./forms";
import { type Keep, useKept } from "./useKept";
import { type Trial, useTrial } from "./useTrial";

/** Something that is read with its version and written as a whole. */
export interface Wish<View, Form> {
  path: string;
  /** Of the query; what begins with its first word is read again after a save. */
  key: readonly [string, ...string[]];
  /** Name of the draft. */
  draft: string;
  formOf: (view: View | undefined) => Form;
  bodyOf: (form: Form) => unknown;
  /** False where the server has no dry run: there, asking would write. */
  tries?: boolean;
  /** What else is read again after a save. */
  touches?: readonly string[];
}

export interface Edited<View, Form> {
  query: ReturnType<typeof useQuery<Tagged<View>>>;
  form: Form;
  isDirty: boolean;
  /** Puts another form in the place of what stands there by now. */
  set: (next: (now: Form) => Form) => void;
  /** Forgets what was typed. */
  drop: () => void;
  save: Save<Form, unknown>;
  /** Writes the form, as it stands here or another way; what is typed meanwhile stays. */
  store: (body?: Form, after?: () => void) => void;
  /** Fields of it that cannot be read. */
  unread: Unread;
  /** How many fields keep it from being saved. */
  faults: number;
  /** What saving would do, asked while one writes. */
  trial: Trial;
  /** What is wrong with a field, by pointer without the first slash. */
  error: (field: string) => string | undefined;
}

/** A form typed over the version that was read, kept until it is saved, tried beforehand. */
export function useEdited<View, Form>({ path, key, draft, formOf, bodyOf, tries = true, touches = [] }: Wish<View, Form>): Edited<View, Form> {
  const queries = useQueryClient();
  const query = useQuery({ queryKey: key, queryFn: () => withEtag<View>("GET", path) });
  const [kept, keep] = useKept<Form>(draft);
  const form = kept === null ? formOf(query.data?.data) : kept.value;
  const unread = useUnread();
  const write = async (wanted: Form): Promise<Tagged<View>> => {
    const reply = await withEtag<View>("PUT", path, { body: bodyOf(wanted), ...(kept?.etag ? { ifMatch: kept.etag } : {}) });
    queries.setQueryData(key, reply);
    keep((now) => settled(now, form, reply.etag));
    return reply;
  };
  const save = useSave(write, [key[0], ...touches]);
  const trial = useTrial("PUT", path, kept === null || !tries ? null : bodyOf(form));
  return {
    query,
    form,
    isDirty: kept !== null || unread.count > 0,
    set: (next) => keep((now) => ({ etag: now?.etag ?? query.data?.etag ?? null, value: next(now === null ? form : now.value) })),
    drop: dropOf(keep, save, unread),
    save,
    store: (body = form, after) => save.run(body, () => {
      toast({ kind: "good", title: m.admin_saved() });
      after?.();
    }),
    unread,
    faults: Object.keys(trial.fields).length + unread.count,
    trial,
    error: (field) => save.fields[field] ?? trial.fields[field],
  };
}

const dropOf = <Form>(keep: Keep<Form>, save: Save<Form, unknown>, unread: Unread) => (): void => {
  keep(() => null);
  save.reset();
  unread.forget();
};
