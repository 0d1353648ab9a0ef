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
import { useSave } from "../parts/useSave";
import { type Changes, changed, rowOf, type RowChange, skillsOf, type Step, stepsOf, withSkill } from "./matrix";
import { readNumber, wordsOf } from "./forms";
import { ViewSwitch } from "./QueuePart";
import { useKept } from "./useKept";
import css from "./acd.module.css";

interface MembersPartProps {
  id: string;
  name: string;
  /** Skills the queue asks for. */
  needed: readonly string[];
  onSettings: () => void;
}

/** Who works in a queue: level and skills of every agent, as a matrix. */
export function MembersPart({ id, name, needed, onSettings }: MembersPartProps) {
  const agents = useQuery(agentsQuery);
  const [kept, keep] = useKept<Changes>(`acd:members:${id}`);
  const changes = kept?.value ?? {};
  const set = (next: Changes) => keep(Object.keys(next).length === 0 ? null : { etag: null, value: next });
  const [failed, setFailed] = useState<Record<string, string>>({});
  const write = useWrite(id, agents.data?.items ?? [], changes, set, setFailed);
  const [more, setMore] = useState<readonly string[]>([]);
  const count = Object.keys(changes).length;
  return (
    <Pane
      title={name}
      note={m.acd_members()}
      head="admin"
      actions={count > 0 && <Tag look="outlined">{m.acd_rows_changed({ count })}</Tag>}
      toolbar={<ViewSwitch value="members" onChange={onSettings} />}
      foot={<SaveBar save={{ isPending: write.isPending, problem: Object.keys(failed).length > 0 ? m.acd_rows_failed() : null, isStale: false }} faults={0} isDirty={count > 0} onSave={() => void write.run()} onDiscard={() => { set({}); setFailed({}); }} />}
    >
      <Loaded query={agents} title={m.acd_agents_unread()}>
        {({ items }) => (
          <>
            <Matrix queue={id} agents={items} changes={changes} failed={failed} skills={skillsOf(items, changes, [...needed, ...more])} onChange={(agent, change) => set(changed(changes, agent, id, change))} />
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

/** Row after row: one that is refused stays changed and says why, the others are done. */
function useWrite(queue: string, agents: readonly AgentView[], changes: Changes, set: (next: Changes) => void, setFailed: (failed: Record<string, string>) => void) {
  const queries = useQueryClient();
  const [isPending, setPending] = useState(false);
  const run = async () => {
    setPending(true);
    const failed: Record<string, string> = {};
    for (const [id, change] of Object.entries(changes)) {
      const agent = agents.find((one) => one.id === id);
      if (agent === undefined) continue;
      try {
        // One agent after the other: the server judges each by itself.
        // oxlint-disable-next-line no-await-in-loop
        for (const step of stepsOf(agent, queue, change)) await send(queue, id, step);
      } catch (error) {
        failed[id] = errorText(error);
      }
    }
    set(Object.fromEntries(Object.entries(changes).filter(([id]) => id in failed)));
    setFailed(failed);
    setPending(false);
    if (Object.keys(failed).length === 0) toast({ kind: "good", title: m.admin_saved() });
    await Promise.all(["agents", "queues"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
  return { isPending, run };
}

async function send(queue: string, agent: string, step: Step): Promise<void> {
  const membership = `/v1/queues/${encodeURIComponent(queue)}/memberships/${encodeURIComponent(agent)}`;
  if (step.kind === "leave") return call("DELETE", membership);
  if (step.kind === "join") return call("PUT", membership, { body: step.body });
  const path = `/v1/agents/${encodeURIComponent(agent)}`;
  const { etag } = await withEtag<AgentView>("GET", path);
  await call("PUT", `${path}/profile`, { body: step.profile, ...(etag === null ? {} : { ifMatch: etag }) });
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
                {skills.map((skill) => <td key={skill}><Cell label={m.acd_cell_skill({ name, skill })} value={row.skills[skill] ?? 0} max={10} onChange={(level) => onChange(agent, { skills: withSkill(row.skills, skill, level) })} /></td>)}
                <td><Groups label={m.acd_cell_groups({ name })} value={row.groups} onChange={(groups) => onChange(agent, { groups })} /></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A number in a cell; an empty one is 0, and what is none is not taken. */
function Cell({ label, value, max, onChange }: { label: string; value: number; max: number; onChange: (value: number) => void }) {
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (value === 0 ? "" : String(value));
  const read = shown.trim() === "" ? 0 : readNumber(shown, 0, max);
  const type = (next: string) => {
    setText(next);
    const found = next.trim() === "" ? 0 : readNumber(next, 0, max);
    if (found !== null) onChange(found);
  };
  return <TextField aria-label={label} inputMode="numeric" placeholder="0" value={shown} onChange={type} onBlur={() => setText(null)} error={read === null ? m.acd_number_wrong({ min: 0, max }) : null} />;
}

function Groups({ label, value, onChange }: { label: string; value: readonly string[]; onChange: (groups: string[]) => void }) {
  const [text, setText] = useState<string | null>(null);
  const type = (next: string) => {
    setText(next);
    onChange(wordsOf(next));
  };
  return <TextField aria-label={label} value={text ?? value.join(", ")} onChange={type} onBlur={() => setText(null)} />;
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
