import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "../../api/client";
import { m } from "../../i18n/generated/messages.js";
import { getLocale } from "../../i18n/generated/runtime.js";
import { Button } from "../../ui/Button/Button";
import { Dialog } from "../../ui/Dialog/Dialog";
import { TextField } from "../../ui/Field/Field";
import { InlineError, Message } from "../../ui/Message/Message";
import { Select } from "../../ui/Select/Select";
import { rolesQuery } from "../data/queries";
import type { UserView } from "../../api/types";
import { CopyBlock } from "../parts/CopyBlock";
import { useSave } from "../parts/useSave";
import parts from "../parts/parts.module.css";
import { loginOf } from "../people/rows";
import { freshPassword } from "./password";
import { LANGUAGES, roleName } from "./words";

export interface NewPersonProps {
  /** Name that the switch has for the phone. */
  suggested: string;
  taken: readonly UserView[];
  onClose: () => void;
  onMade: (user: UserView) => void;
}

interface Draft {
  name: string;
  /** Follows the name until it is typed. */
  login: string | null;
  role: string;
  language: string;
}

/** A new person with a first password that is shown once. */
export function NewPerson({ suggested, taken, onClose, onMade }: NewPersonProps) {
  const [draft, setDraft] = useState<Draft>({ name: suggested, login: null, role: "agent", language: getLocale() });
  const [password] = useState(freshPassword);
  const [made, setMade] = useState<UserView | null>(null);
  const login = draft.login ?? loginOf(draft.name, new Set(taken.map((user) => user.login)));
  const save = useSave((body: Draft) => ok(api.POST("/v1/users", { body: { login, name: body.name.trim(), roles: [body.role], language: body.language, active: true, password } })), ["users", "setup"]);
  const reason = draft.name.trim() === "" || login === "" ? m.admin_person_needs() : null;
  return (
    <Dialog
      title={made ? m.admin_person_made({ name: made.name }) : m.admin_person_new()}
      isOpen
      onOpenChange={(open) => { if (!open) onClose(); }}
      actions={made
        ? <Button kind="primary" onPress={onClose}>{m.admin_close()}</Button>
        : (
          <>
            <Button onPress={onClose}>{m.admin_cancel()}</Button>
            <Button kind="primary" isPending={save.isPending} reason={reason} onPress={() => save.run(draft, (user) => { setMade(user); onMade(user); })}>{m.admin_person_make()}</Button>
          </>
        )}
    >
      {made ? <FirstPassword login={made.login} password={password} /> : <Fields draft={draft} login={login} wrong={save.fields} problem={save.problem} onChange={(change) => setDraft({ ...draft, ...change })} />}
    </Dialog>
  );
}

/** A password that nobody can read again. */
export function FirstPassword({ login, password }: { login: string; password: string }) {
  return (
    <div className={parts.stack} data-flush>
      <Message tone="warn" title={m.admin_password_once()}>{m.admin_password_once_text()}</Message>
      <CopyBlock label={m.admin_passwords()} text={`${login}\n${password}`} />
    </div>
  );
}

function Fields({ draft, login, wrong, problem, onChange }: { draft: Draft; login: string; wrong: Record<string, string>; problem: string | null; onChange: (change: Partial<Draft>) => void }) {
  const roles = useQuery(rolesQuery);
  const hasField = Object.keys(wrong).length > 0;
  return (
    <div className={parts.stack} data-flush>
      <TextField label={m.admin_full_name()} isRequired autoFocus value={draft.name} onChange={(name) => onChange({ name })} error={wrong.name} />
      <TextField label={m.admin_login()} isRequired autoComplete="off" value={login} onChange={(text) => onChange({ login: text })} error={wrong.login} />
      <Select label={m.admin_role()} choices={(roles.data ?? []).map(({ name }) => ({ id: name, label: roleName(name) }))} value={draft.role} onChange={(role) => onChange({ role })} />
      <Select label={m.admin_language()} choices={LANGUAGES} value={draft.language} onChange={(language) => onChange({ language })} />
      {problem !== null && !hasField && <InlineError>{problem}</InlineError>}
    </div>
  );
}
