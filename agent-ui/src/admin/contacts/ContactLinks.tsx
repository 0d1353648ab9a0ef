import { ExternalLink } from "lucide-react";
import type { ContactView } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { SectionHead } from "../../ui/Pane/Pane";
import css from "./contacts.module.css";

/** The pages of a contact in other systems; each opens in a window of its own. */
export function ContactLinks({ links }: { links: ContactView["links"] }) {
  if (links.length === 0) return null;
  return (
    <>
      <SectionHead title={m.admin_contact_links()} />
      <ul className={css.links} aria-label={m.admin_contact_links()}>
        {links.map(({ system, name, url }) => <li key={system}><a href={url} target="_blank" rel="noopener noreferrer"><ExternalLink aria-hidden />{name}</a></li>)}
      </ul>
    </>
  );
}
