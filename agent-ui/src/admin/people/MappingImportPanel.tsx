import { call } from "../../api/client";
import { m } from "../../i18n/generated/messages.js";
import { Message } from "../../ui/Message/Message";
import { queryText } from "../data/pages";
import type { MappingImport } from "../../api/types";
import { CopyBlock } from "../parts/CopyBlock";
import { ImportPanel } from "../parts/ImportPanel";
import parts from "../parts/parts.module.css";

const TEMPLATE = "extension;login;name;role;number;contact;switch\n1042;vondrova;Klára Vondrová;agent;+420555100142;;pbx\n";

/** People and their phones from a file: missing users are made, lines are given. */
export function MappingImportPanel({ onDone }: { onDone: () => void }) {
  return (
    <ImportPanel<MappingImport>
      send={(file, dry_run) => call("POST", `/v1/extensions/import${queryText({ dry_run })}`, { text: { type: "text/csv", content: file } })}
      keys={["extensions", "users", "setup"]}
      hint={m.admin_import_mapping_hint()}
      template={{ name: "people-and-phones.csv", text: TEMPLATE }}
      figures={(result) => [
        { label: m.admin_import_users_added(), value: result.users_added },
        { label: m.admin_import_lines_added(), value: result.extensions_added },
        { label: m.admin_import_lines_changed(), value: result.extensions_changed },
      ]}
      changes={(result) => result.users_added + result.extensions_added + result.extensions_changed > 0}
      after={(result) => result.passwords.length > 0 && <Passwords rows={result.passwords} />}
      onDone={onDone}
    />
  );
}

/** First passwords, shown this once. */
function Passwords({ rows }: { rows: MappingImport["passwords"] }) {
  return (
    <section className={parts.stack} data-flush>
      <Message tone="warn" title={m.admin_passwords_once()}>{m.admin_passwords_once_text()}</Message>
      <CopyBlock label={m.admin_passwords()} text={rows.map((row) => `${row.login};${row.password}`).join("\n")} />
    </section>
  );
}
