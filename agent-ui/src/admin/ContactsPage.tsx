import { BookUser } from "lucide-react";
import { useRights } from "../app/hooks";
import { drawers } from "../app/drawers";
import { Page } from "../app/Page";
import { m } from "../i18n/generated/messages.js";
import { Empty } from "../ui/Empty/Empty";
import { Pane } from "../ui/Pane/Pane";
import { ContactEditor, NewContact } from "./contacts/ContactEditor";
import { ContactTable } from "./contacts/ContactTable";
import { FieldsPart } from "./contacts/FieldsPart";
import { SystemsPart } from "./contacts/SystemsPart";
import { showTools } from "./parts/showTools";
import { useSearchText } from "./parts/useSearchText";

const NEW = "new";

/** People and companies that call, with their numbers. */
export function ContactsPage() {
  const [place, goTo] = useSearchText("contact", "part");
  const rights = useRights();
  const readOnly = rights.has("contact.write") ? null : m.admin_needs_right({ right: "contact.write" });
  const chosen = place.contact ?? null;
  const mayDefine = rights.has("config.admin");
  if (place.part === "fields" && mayDefine) return <Page title={m.admin_fields()} widths={{ tools: 440 }} toolsLabel={m.admin_systems()} stage={<FieldsPart onBack={() => goTo({ part: undefined })} />} tools={<SystemsPart />} />;
  const editor = { readOnly, onClose: () => { goTo({ contact: undefined }); drawers.close(); }, onShow: (id: string) => { goTo({ contact: id }); showTools(); } };
  const tools = chosen === null
    ? <Pane title={m.admin_contact()} head="admin" ground="canvas"><Empty icon={<BookUser />} title={m.admin_contact_pick()}>{m.admin_contact_pick_text()}</Empty></Pane>
    : chosen === NEW ? <NewContact key={NEW} {...editor} /> : <ContactEditor key={chosen} id={chosen} {...editor} />;
  return (
    <Page
      title={m.admin_contacts()}
      widths={{ tools: 440 }}
      toolsLabel={m.admin_contact()}
      stage={<ContactTable chosen={chosen} onChoose={editor.onShow} onNew={() => editor.onShow(NEW)} readOnly={readOnly} {...(mayDefine ? { onFields: () => goTo({ part: "fields", contact: undefined }) } : {})} />}
      tools={tools}
    />
  );
}
