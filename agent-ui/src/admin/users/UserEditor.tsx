import { useQuery } from "@tanstack/react-query";
import { KeyRound, X } from "lucide-react";
import { useState } from "react";
import { api, ok, withEtag, call } from "../../api/client";
import { useMe } from "../../app/hooks";
import { toast } from "../../app/toast";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Checkbox, Switch } from "../../ui/Choice/Choice";
import { TextField } from "../../ui/Field/Field";
import { InlineError } from "../../ui/Message/Message";
import { Pane, SectionHead } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { rolesQuery } from "../data/queries";
import type { UserPatch, UserView } from "../../api/types";
import { ConfirmDelete } from "../parts/ConfirmDelete";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { FormGrid, Span } from "../parts/Span";
import { useSave } from "../parts/useSave";
import parts from "../parts/parts.module.css";
import { FirstPassword } from "./NewPerson";
import { freshPassword } from "./password";
import { LANGUAGES, roleName } from "./words";

const KEYS = ["users", "setup"];

function pathOf(id: string): string {
  return `/v1/users/${encodeURIComponent(id)}`;
}

/** One person: name, rights by roles, password, whether it may sign in. */
export function UserEditor({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery({ queryKey: ["users", "one", id], queryFn: () => withEtag<UserView>("GET", pathOf(id)) });
  return <Loaded query={query} title={m.admin_user_unread()}>{({ data, etag }) => <Editor view={data} etag={etag} onClose={onClose} />}</Loaded>;
}

type Draft = Required<Pick<UserView, "name" | "login" | "roles" | "language" | "active">> & { team: string; site: string };

function draftOf(view: UserView): Draft {
  return { name: view.name, login: view.login, roles: view.roles, language: view.language, active: view.active, team: view.team ?? "", site: view.site ?? "" };
}

function patchOf(draft: Draft): UserPatch {
  return { ...draft, name: draft.name.trim(), login: draft.login.trim(), team: draft.team.trim() || null, site: draft.site.trim() || null };
}

function Editor({ view, etag, onClose }: { view: UserView; etag: string | null; onClose: () => void }) {
  const me = useMe();
  const [typed, setTyped] = useState<{ draft: Draft; etag: string | null } | null>(null);
  const draft = typed?.draft ?? draftOf(view);
  const save = useSave((body: Draft) => call<UserView>("PATCH", pathOf(view.id), { body: patchOf(body), ...patchTag(typed?.etag ?? etag) }), KEYS);
  const drop = () => { setTyped(null); save.reset(); };
  const set = (change: Partial<Draft>) => setTyped({ draft: { ...draft, ...change }, etag: typed?.etag ?? etag });
  const faults = [draft.name, draft.login].filter((text) => text.trim() === "").length;
  const own = view.id === me.user ? m.admin_not_oneself() : null;
  return (
    <Pane
      title={view.name}
      note={view.login}
      head="admin"
      ground="canvas"
      actions={<IconButton kind="quiet" icon={<X aria-hidden />} label={m.admin_close()} onPress={onClose} />}
      foot={(
        <SaveBar save={save} faults={faults} isDirty={typed !== null} onSave={() => save.run(draft, () => { drop(); toast({ kind: "good", title: m.admin_saved() }); })} onDiscard={drop} onTheirs={drop}>
          <Remove view={view} etag={etag} reason={own} onGone={onClose} />
        </SaveBar>
      )}
    >
      <FormGrid>
        <Span of={6}><TextField label={m.admin_full_name()} isRequired value={draft.name} onChange={(name) => set({ name })} error={save.fields.name} /></Span>
        <Span of={3}><TextField label={m.admin_login()} isRequired autoComplete="off" value={draft.login} onChange={(login) => set({ login })} error={save.fields.login} /></Span>
        <Span of={3}><Select label={m.admin_language()} choices={LANGUAGES} value={draft.language} onChange={(language) => set({ language })} /></Span>
        <Span of={3}><TextField label={m.admin_team()} labelNote={m.admin_optional()} value={draft.team} onChange={(team) => set({ team })} error={save.fields.team} /></Span>
        <Span of={3}><TextField label={m.admin_site()} labelNote={m.admin_optional()} value={draft.site} onChange={(site) => set({ site })} error={save.fields.site} /></Span>
        <Span of={6}><Switch isSelected={draft.active} onChange={(active) => set({ active })}>{m.admin_may_sign_in()}</Switch></Span>
      </FormGrid>
      <SectionHead title={m.admin_roles()} />
      <Roles chosen={draft.roles} onChange={(roles) => set({ roles })} />
      {save.fields.roles && <InlineError>{save.fields.roles}</InlineError>}
      <SectionHead title={m.admin_password()} />
      <Password view={view} reason={own === null ? null : m.admin_password_own()} />
    </Pane>
  );
}

function patchTag(etag: string | null) {
  return etag === null ? {} : { ifMatch: etag };
}

function Roles({ chosen, onChange }: { chosen: readonly string[]; onChange: (roles: string[]) => void }) {
  const roles = useQuery(rolesQuery);
  const toggle = (name: string, isOn: boolean) => onChange(isOn ? [...chosen, name] : chosen.filter((one) => one !== name));
  return (
    <div className={parts.stack} role="group" aria-label={m.admin_roles()}>
      {(roles.data ?? []).map(({ name }) => <Checkbox key={name} isSelected={chosen.includes(name)} onChange={(isOn) => toggle(name, isOn)}>{roleName(name)}</Checkbox>)}
    </div>
  );
}

/** A new first password; all sessions of the person end. */
function Password({ view, reason }: { view: UserView; reason: string | null }) {
  const [made, setMade] = useState<string | null>(null);
  const save = useSave((password: string) => ok(api.PUT("/v1/users/{id}/password", { params: { path: { id: view.id } }, body: { password } })), KEYS);
  const make = () => {
    const fresh = freshPassword();
    save.run(fresh, () => setMade(fresh));
  };
  return (
    <div className={parts.stack}>
      <p className={parts.hint}>{view.has_password ? m.admin_password_set() : m.admin_password_unset()}</p>
      <div><Button icon={<KeyRound aria-hidden />} isPending={save.isPending} reason={reason} onPress={make}>{m.admin_password_new()}</Button></div>
      {save.problem !== null && <InlineError>{save.problem}</InlineError>}
      {made !== null && <FirstPassword login={view.login} password={made} />}
    </div>
  );
}

function Remove({ view, etag, reason, onGone }: { view: UserView; etag: string | null; reason: string | null; onGone: () => void }) {
  const save = useSave(() => call("DELETE", pathOf(view.id), patchTag(etag)), KEYS);
  return (
    <ConfirmDelete title={m.admin_user_delete({ name: view.name })} text={m.admin_user_delete_text()} isPending={save.isPending} problem={save.problem} reason={reason} onConfirm={(done) => save.run(undefined, () => { done(); onGone(); })} />
  );
}
