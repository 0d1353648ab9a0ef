import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Disclosure } from "../../ui/Disclosure/Disclosure";
import { CopyBlock } from "../parts/CopyBlock";
import parts from "../parts/parts.module.css";
import { DIALPLAN, INCLUDE_LINE, managerSnippet, RELOAD } from "./snippetTexts";
import type { SwitchDraft } from "./switchForm";

/** What goes onto the Asterisk, in the order it is done; every text is copied by one press. */
export function Snippets({ draft, isNew, onSecrets }: { draft: SwitchDraft; isNew: boolean; onSecrets: (() => void) | null }) {
  return (
    <Disclosure title={m.admin_snippets()} defaultExpanded={isNew}>
      <div className={parts.stack} data-flush>
        <p className={parts.hint}>{m.admin_snippet_manager()}</p>
        {onSecrets && <div><Button size="sm" onPress={onSecrets}>{m.admin_make_passwords()}</Button></div>}
        <CopyBlock label="manager.conf" text={managerSnippet(draft, m.admin_secret_stored())} />
        <p className={parts.hint}>{m.admin_snippet_include()}</p>
        <CopyBlock label="extensions.conf" text={INCLUDE_LINE} />
        <Disclosure title="extensions_tieline.conf" level={4}>
          <CopyBlock label="extensions_tieline.conf" text={DIALPLAN} />
        </Disclosure>
        <p className={parts.hint}>{m.admin_snippet_reload()}</p>
        <CopyBlock label="asterisk -rx" text={RELOAD} />
      </div>
    </Disclosure>
  );
}
