import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { call, withEtag } from "../../api/client";
import type { AgentView } from "../../api/types";
import { toast } from "../../app/toast";
import { usePersonName } from "../../app/people";
import { errorText } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Checkbox } from "../../ui/Choice/Choice";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Tag } from "../../ui/Tag/Tag";
import { Select } from "../../ui/Select/Select";
import { agentsQuery, usersQuery } from "../data/queries";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { UnreadFields, useUnread } from "../parts/unread";
import { useSave } from "../parts/useSave";
import { type Changes, changed, groupsChange, rowOf, type RowChange, skillsOf, type Step, stepsOf, unsaved } from "./matrix";
import { readNumber, wordsOf } from "./forms";
import { type QueueLook, ViewSwitch } from "./QueuePart";
import { useKept } from "./useKept";
import { useTyped } from "./useTyped";
import css from "./acd.module.css";

interface MembersPartProps {
  id: string;
  name: string;
  /** Skills the queue asks for. */
  needed: readonly string[];
  onView: (view: QueueLook) => void;
}

/** Who works in a queue: level and skills of every agent, as a matrix. */
export function MembersPart({ id, name, needed, onView }: MembersPartProps) {
  const agents = useQuery(agentsQuery);
  const [kept, keep] = useKept<Changes>(`acd:members:${id}`);
  const changes = kept?.value ?? {};
  const set = (change: (now: Changes) => Changes) => keep((now) => {
    const next = change(now?.value ?? {});
    return Object.keys(next).length === 0 ? null : { etag: null, value: next };
  });
  const unread = useUnread();
  const [failed, setFailed] = useState<Record<string, string>>({});
  const write = useWrite(id, changes, set, setFailed);
  const [more, setMore] = useState<readonly string[]>([]);
  const count = Object.keys(changes).length;
  const discard = () => {
    set(() => ({}));
    setFailed({});
    unread.forget();
  };
  return (
    <Pane
      title={name}
      note={m.acd_members()}
      head="admin"
      actions={count > 0 && <Tag look="outlined">{m.acd_rows_changed({ count })}</Tag>}
      toolbar={<ViewSwitch value="members" onChange={onView} />}
      foot={<SaveBar save={{ isPending: write.isPending, problem: Object.keys(failed).length > 0 ? m.acd_rows_failed() : null, isStale: false }} faults={unread.count} isDirty={count + unread.count > 0} onSave={() => void write.run()} onDiscard={discard} />}
    >
      <Loaded query={agents} title={m.acd_agents_unread()}>
        {({ items }) => (
          <>
            <UnreadFields of={unread}><Matrix queue={id} agents={items} changes={changes} failed={failed} skills={skillsOf(items, changes, [...needed, ...more])} onChange={(agent, change) => set((now) => changed(now, agent, id, change))} /></UnreadFields>
            <div className={css.below}>
              <NewSkill onAdd={(skill) => setMore([...more, skill])} />
              <NewAgent agents={items} />
            </div>
          </>
        )}
      </Loaded>
    </Pane>
  );
}

/** Row after row: one that is refused stays changed and says why, the others are done, and what is typed meanwhile stays. */
function useWrite(queue: string, changes: Changes, set: (change: (now: Changes) => Changes) => void, setFailed: (failed: Record<string, string>) => void) {
  const queries = useQueryClient();
  const [isPending, setPending] = useState(false);
  const run = async () => {
    setPending(true);
    const failed: Record<string, string> = {};
    for (const [id, change] of Object.entries(changes)) {
      try {
        // One agent after the other: the server judges each by itself.
        // oxlint-disable-next-line no-await-in-loop
        await write(queue, id, change);
      } catch (error) {
        failed[id] = errorText(error);
      }
    }
    // Read before the changes go: a row never shows what it was.
    await Promise.all(["agents", "queues"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    set((now) => unsaved(now, changes, failed));
    setFailed(failed);
    setPending(false);
    if (Object.keys(failed).length === 0) toast({ kind: "good", title: m.admin_saved() });
  };
  return { isPending, run };
}

/** The changes of one row, over the agent as it is at this moment: what others gave meanwhile stays. */
async function write(queue: string, id: string, change: RowChange): Promise<void> {
  const { data: agent, etag } = await withEtag<AgentView>("GET", `/v1/agents/${encodeURIComponent(id)}`);
  // oxlint-disable-next-line no-await-in-loop
  for (const step of stepsOf(agent, queue, change)) await send(queue, id, step, etag);
}

async function send(queue: string, agent: string, step: Step, etag: string | null): Promise<void> {
  const membership = `/v1/queues/${encodeURIComponent(queue)}/memberships/${encodeURIComponent(agent)}`;
  if (step.kind === "leave") return call("DELETE", membership);
  if (step.kind === "join") return call("PUT", membership, { body: step.body });
  await call("PUT", `/v1/agents/${encodeURIComponent(agent)}/profile`, { body: step.profile, ...(etag === null ? {} : { ifMatch: etag }) });
}

interface MatrixProps {
  queue: string;
  agents: readonly AgentView[];
  changes: Changes;
  failed: Record<string, string>;
  skills: readonly string[];
  onChange: (agent: AgentView, change: RowChange) => void;
}

function Matrix({ queue, agents, changes, failed, skills, onChange }: MatrixProps) {
  const nameOf = usePersonName();
  const named = agents.map((agent) => ({ agent, name: nameOf(agent.user, agent.name) })).toSorted((a, b) => a.name.localeCompare(b.name));
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={m.acd_matrix()}>
      <table className={css.matrix}>
        <thead>
          <tr>
            <th scope="col">{m.admin_role_agent()}</th>
            <th scope="col">{m.acd_level()}</th>
            {skills.map((skill) => <th key={skill} scope="col">{skill}</th>)}
            <th scope="col">{m.acd_groups()}</th>
            <th scope="col">{m.acd_unit()}</th>
          </tr>
        </thead>
        <tbody>
          {named.map(({ agent, name }) => {
            const row = rowOf(agent, queue, changes[agent.id]);
            return (
              <tr key={agent.id} data-changed={row.isChanged || undefined}>
                <th scope="row">
                  <Checkbox isSelected={row.isMember} onChange={(member) => onChange(agent, { member })}>{name}</Checkbox>
                  {failed[agent.id] !== undefined && <span className={css.failed} data-tone="bad" role="alert">{failed[agent.id]}</span>}
                </th>
                <td>{row.isMember ? <Cell label={m.acd_cell_level({ name })} value={row.level} max={100} onChange={(level) => onChange(agent, { level })} /> : <span aria-hidden>–</span>}</td>
                {skills.map((skill) => <td key={skill}><Cell label={m.acd_cell_skill({ name, skill })} value={row.skills[skill] ?? 0} max={10} onChange={(level) => onChange(agent, { skills: { [skill]: level } })} /></td>)}
                <td><Groups label={m.acd_cell_groups({ name })} value={row.groups} onChange={(groups) => onChange(agent, { groups: groupsChange(agent, groups) })} /></td>
                <td><Unit label={m.acd_cell_unit({ name })} value={row.unit} onChange={(unit) => onChange(agent, { unit })} /></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A number in a cell; an empty one is 0. */
function Cell({ label, value, max, onChange }: { label: string; value: number; max: number; onChange: (value: number) => void }) {
  const field = useTyped(value, onChange, {
    show: (level) => (level === 0 ? "" : String(level)),
    read: (text: string) => (text.trim() === "" ? 0 : readNumber(text, 0, max) ?? undefined),
  });
  return <TextField aria-label={label} inputMode="numeric" placeholder="0" value={field.draft} onChange={field.type} onBlur={field.leave} error={field.isUnread ? m.acd_number_wrong({ min: 0, max }) : null} />;
}

function Groups({ label, value, onChange }: { label: string; value: readonly string[]; onChange: (groups: string[]) => void }) {
  const [text, setText] = useState<string | null>(null);
  const type = (next: string) => {
    setText(next);
    onChange(wordsOf(next));
  };
  return <TextField aria-label={label} value={text ?? value.join(", ")} onChange={type} onBlur={() => setText(null)} />;
}

/** The organisation unit; what is being typed is kept as it is typed. */
function Unit({ label, value, onChange }: { label: string; value: string | null; onChange: (unit: string | null) => void }) {
  const field = useTyped<string | null, string>(value, onChange, { show: (unit) => unit ?? "", read: (text) => (text.trim() === "" ? null : text.trim()) });
  return <TextField aria-label={label} value={field.draft} onChange={field.type} onBlur={field.leave} />;
}

function NewSkill({ onAdd }: { onAdd: (skill: string) => void }) {
  const [text, setText] = useState("");
  const add = () => {
    onAdd(text.trim());
    setText("");
  };
  return (
    <form className={css.inline} onSubmit={(event) => { event.preventDefault(); if (text.trim() !== "") add(); }}>
      <TextField label={m.acd_skill_new()} value={text} onChange={setText} />
      <Button type="submit" icon={<Plus aria-hidden />} reason={text.trim() === "" ? m.acd_skill_name_it() : null}>{m.acd_need_add()}</Button>
    </form>
  );
}

/** A person with a phone who is in no queue of the PBX becomes an agent here. */
function NewAgent({ agents }: { agents: readonly AgentView[] }) {
  const users = useQuery(usersQuery);
  const [user, setUser] = useState<string | null>(null);
  const isAgent = new Set(agents.map((agent) => agent.user));
  const choices = (users.data?.items ?? []).filter((one) => one.active && !isAgent.has(one.id)).map(({ id, name, login }) => ({ id, label: name, note: login }));
  const save = useSave((wanted: string) => call("POST", "/v1/agents", { body: { user: wanted } }), ["agents"]);
  return (
    <div className={css.inline}>
      <Select label={m.acd_agent_new()} choices={choices} value={user} onChange={setUser} error={save.fields.user ?? save.problem} />
      <Button icon={<Plus aria-hidden />} isPending={save.isPending} reason={user === null ? m.acd_agent_choose() : null} onPress={() => { if (user !== null) save.run(user, () => setUser(null)); }}>{m.acd_agent_add()}</Button>
    </div>
  );
}
