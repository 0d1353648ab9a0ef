import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { call, withEtag } from "../../api/client";
import type { ContactView } from "../../api/types";
import { type OwnField, useExternalSystems, useOwnFields } from "../../app/ownFields";
import { m } from "../../i18n/generated/messages.js";
import { IconButton } from "../../ui/Button/Button";
import { Pane } from "../../ui/Pane/Pane";
import { ConfirmDelete } from "../parts/ConfirmDelete";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { useEditor } from "../parts/useEditor";
import { useSave } from "../parts/useSave";
import { ContactForm } from "./ContactForm";
import { contactBody, type ContactDraft, contactDraftOf, contactFaults, emptyContact, lineErrors } from "./contactForm";
import { ContactLinks } from "./ContactLinks";
import { ContactHistory } from "./ContactHistory";

const KEYS = ["contacts", "setup"];

export interface EditorProps {
  /** Why nothing may be written; none when it may. */
  readOnly: string | null;
  onClose: () => void;
  onShow: (id: string) => void;
}

function pathOf(id: string): string {
  return `/v1/contacts/${encodeURIComponent(id)}`;
}

/** A contact that exists, with its version so that nobody's change is lost. */
export function ContactEditor({ id, ...rest }: EditorProps & { id: string }) {
  const query = useQuery({ queryKey: ["contacts", "one", id], queryFn: () => withEtag<ContactView>("GET", pathOf(id)) });
  return <Loaded query={query} title={m.admin_contact_unread()}>{({ data, etag }) => <Editor view={data} etag={etag} {...rest} />}</Loaded>;
}

/** A contact that is being added. */
export function NewContact(rest: EditorProps) {
  return <Editor view={null} etag={null} {...rest} />;
}

function Editor({ view, etag, readOnly, onClose, onShow }: EditorProps & { view: ContactView | null; etag: string | null }) {
  // What was typed, with the version it was typed over: a fresh version read meanwhile is not overwritten silently.
  const [typed, setTyped] = useState<{ draft: ContactDraft; etag: string | null } | null>(null);
  const draft = typed?.draft ?? (view ? contactDraftOf(view) : emptyContact());
  const own = useOwnFields();
  const systems = useExternalSystems();
  const faults = contactFaults(draft, own);
  const save = useSave((body: ContactDraft) => write(view, body, own, typed?.etag ?? etag), KEYS);
  const { isTried, drop, bar } = useEditor({ save, draft, faults, forget: () => setTyped(null), onSaved: (saved) => { if (view === null) onShow(saved.id); } });
  const wrong = { ...save.fields, ...lineErrors(draft, save.fields), ...(isTried ? words(faults) : {}) };
  return (
    <Pane
      title={view?.name ?? m.admin_contact_new()}
      note={view?.company ?? undefined}
      head="admin"
      ground="canvas"
      actions={<IconButton kind="quiet" icon={<X aria-hidden />} label={m.admin_close()} onPress={onClose} />}
      foot={(
        <SaveBar {...bar} isDirty={typed !== null} reason={readOnly} onTheirs={drop}>
          {view && <Remove view={view} etag={etag} readOnly={readOnly} onGone={onClose} />}
        </SaveBar>
      )}
    >
      <ContactForm draft={draft} onChange={(next) => setTyped({ draft: next, etag: typed?.etag ?? etag })} wrong={wrong} own={own} systems={systems} isReadOnly={readOnly !== null} />
      {view && <ContactLinks links={view.links} />}
      {view && <ContactHistory contact={view.id} />}
    </Pane>
  );
}

function words(faults: ReturnType<typeof contactFaults>): Record<string, string> {
  const said = { missing: m.admin_fault_missing, email_form: m.admin_fault_email, number_form: m.admin_fault_number };
  return Object.fromEntries(Object.entries(faults).map(([field, fault]) => [field, said[fault]()]));
}

function write(view: ContactView | null, draft: ContactDraft, own: readonly OwnField[], etag: string | null): Promise<ContactView> {
  const body = contactBody(draft, own);
  if (view === null) return call<ContactView>("POST", "/v1/contacts", { body });
  return call<ContactView>("PATCH", pathOf(view.id), { body, ...(etag !== null && { ifMatch: etag }) });
}

function Remove({ view, etag, readOnly, onGone }: { view: ContactView; etag: string | null; readOnly: string | null; onGone: () => void }) {
  const save = useSave(() => call("DELETE", pathOf(view.id), etag === null ? {} : { ifMatch: etag }), ["contacts"]);
  return (
    <ConfirmDelete
      title={m.admin_contact_delete({ name: view.name })}
      text={m.admin_contact_delete_text()}
      isPending={save.isPending}
      problem={save.problem}
      reason={readOnly}
      onConfirm={(done) => save.run(undefined, () => { done(); onGone(); })}
    />
  );
}
