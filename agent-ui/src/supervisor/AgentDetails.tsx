import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../api/client";
import { useRights } from "../app/hooks";
import { usePersonName } from "../app/people";
import { ruleOf, setBy, skillsOf } from "../domain/agent";
import { errorText } from "../domain/can";
import { dayAndTime } from "../domain/format";
import { isSignedIn } from "../domain/membership";
import { projectsOf, type Tile } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Dialog } from "../ui/Dialog/Dialog";
import { InlineError } from "../ui/Message/Message";
import css from "./Live.module.css";

const AGAIN_MS = 2_000;

/** What agents did last, for those who may read reports about their people. */
interface Activity {
  agent: string;
  last_answered?: { at: string; queue?: string | null } | null;
  last_sign_in?: { at: string; user_agent: string; address: string } | null;
}

interface AgentDetailsProps {
  tile: Tile;
  queueName: (id: string) => string | undefined;
  projectOf: (queue: string) => string | null;
  /** False where no queue has a project: then none is spoken of. */
  hasProjects: boolean;
  onClose: () => void;
}

/** One agent closer: who set the state, queues, skills, the last call and the last sign-in. */
export function AgentDetails({ tile, queueName, projectOf, hasProjects, onClose }: AgentDetailsProps) {
  const { agent } = tile;
  const queues = agent.queues.filter(isSignedIn).map((one) => ({ id: one.queue, name: queueName(one.queue) ?? "–", isPaused: one.paused }));
  const projects = projectsOf(agent, projectOf);
  const skills = skillsOf(agent);
  const mayRead = useRights().has("report.read");
  const { data, error } = useQuery({
    queryKey: ["supervisor", "activity"],
    queryFn: async () => (await call<{ items: Activity[] }>("GET", "/v1/agents/activity")).items,
    enabled: mayRead,
    // The book has an answer a moment after the stream.
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
  const last = data?.find((one) => one.agent === agent.id);
  return (
    <Dialog title={tile.name} isOpen onOpenChange={(isOpen) => !isOpen && onClose()} look="sheet">
      <dl className={css.details}>
        <Detail name={m.live_view_state()}>{tile.word}<SetBy tile={tile} /></Detail>
        <Detail name={m.live_detail_queues()}>
          {queues.length === 0 ? m.live_detail_no_queues() : <ul>{queues.toSorted((one, two) => one.name.localeCompare(two.name)).map(({ id, name, isPaused }) => <li key={id}>{isPaused ? `${name} (${m.desk_queue_paused()})` : name}</li>)}</ul>}
        </Detail>
        {hasProjects && <Detail name={m.live_projects()}>{projects.length === 0 ? m.live_detail_no_projects() : projects.join(", ")}</Detail>}
        {skills.length > 0 && <Detail name={m.live_detail_skills()}>{skills.map(([skill, level]) => `${skill} ${level}`).join(", ")}</Detail>}
        {last?.last_answered && <Detail name={m.live_detail_last()}>{[dayAndTime(last.last_answered.at), last.last_answered.queue ? queueName(last.last_answered.queue) : null].filter(Boolean).join(" · ")}</Detail>}
        {last?.last_sign_in && <Detail name={m.live_detail_sign_in()}>{dayAndTime(last.last_sign_in.at)} · {last.last_sign_in.address}<p className={css.note}>{last.last_sign_in.user_agent}</p></Detail>}
      </dl>
      {error !== null && data === undefined && <InlineError>{errorText(error)}</InlineError>}
    </Dialog>
  );
}

function Detail({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function SetBy({ tile: { agent } }: { tile: Tile }) {
  const nameOf = usePersonName();
  const [by, rule] = [setBy(agent), ruleOf(agent)];
  if (by === null && rule === null) return null;
  return <p className={css.note}>{by === null ? m.live_detail_rule({ rule: rule ?? "" }) : `${m.live_detail_set_by()} ${nameOf(by, m.state_set_by_other())}`}</p>;
}
