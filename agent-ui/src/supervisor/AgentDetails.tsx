import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, call, ok } from "../api/client";
import type { Listed } from "../admin/data/pages";
import { useRights } from "../app/hooks";
import { usePersonName } from "../app/people";
import { ruleOf, setBy, skillsOf } from "../domain/agent";
import { errorText } from "../domain/can";
import { dayAndTime } from "../domain/format";
import { isSignedIn } from "../domain/membership";
import { type CallRow, otherEnd, type Tile } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Dialog } from "../ui/Dialog/Dialog";
import css from "./Live.module.css";

/** Calls looked through for the last one that was answered. */
const LOOK_BACK = 50;
const SIGN_INS_SHOWN = 3;

interface AgentDetailsProps {
  tile: Tile;
  queueName: (id: string) => string | undefined;
  onClose: () => void;
}

/** One agent closer: queues, the last call, sign-ins, who set the state. */
export function AgentDetails({ tile, queueName, onClose }: AgentDetailsProps) {
  const { agent } = tile;
  const { has } = useRights();
  const queues = agent.queues.filter(isSignedIn).map((one) => ({ id: one.queue, name: queueName(one.queue) ?? "–", isPaused: one.paused }));
  const skills = skillsOf(agent);
  return (
    <Dialog title={tile.name} isOpen onOpenChange={(isOpen) => !isOpen && onClose()} look="sheet">
      <dl className={css.details}>
        <Detail name={m.live_view_state()}>{tile.word}<SetBy tile={tile} /></Detail>
        <Detail name={m.live_detail_queues()}>
          {queues.length === 0 ? m.live_detail_no_queues() : <ul>{queues.toSorted((one, two) => one.name.localeCompare(two.name)).map(({ id, name, isPaused }) => <li key={id}>{isPaused ? `${name} (${m.desk_queue_paused()})` : name}</li>)}</ul>}
        </Detail>
        {has("call.read") && <Detail name={m.live_detail_last()}><LastAnswered tile={tile} queueName={queueName} /></Detail>}
        {has("user.admin") && agent.user && <Detail name={m.live_detail_sign_ins()}><SignIns user={agent.user} /></Detail>}
        {skills.length > 0 && <Detail name={m.live_detail_skills()}>{skills.map(([skill, level]) => `${skill} ${level}`).join(", ")}</Detail>}
      </dl>
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

function LastAnswered({ tile: { agent }, queueName }: Pick<AgentDetailsProps, "tile" | "queueName">) {
  const { data, error } = useQuery({
    // Each answer is another state of the agent, and so another question.
    queryKey: ["supervisor", "last", agent.id, agent.state.effective, agent.state.since],
    queryFn: async () => {
      const { items } = await call<Listed<CallRow>>("GET", `/v1/calls?${new URLSearchParams({ agent: agent.id, limit: String(LOOK_BACK) })}`);
      const answered = items.filter((one) => one.agent === agent.id && one.answered_at && one.direction !== "outbound");
      return answered.toSorted((one, two) => (two.answered_at ?? "").localeCompare(one.answered_at ?? ""))[0] ?? null;
    },
    placeholderData: (before) => before,
  });
  if (error !== null) return errorText(error);
  if (data === undefined) return "…";
  if (data === null) return m.live_detail_last_none();
  const queue = data.queue ? queueName(data.queue) : undefined;
  return [dayAndTime(data.answered_at ?? data.started_at), queue, otherEnd(data)].filter(Boolean).join(" · ");
}

function SignIns({ user }: { user: string }) {
  const { data, error } = useQuery({
    queryKey: ["supervisor", "sessions", user],
    queryFn: async () => (await ok(api.GET("/v1/auth/sessions", { params: { query: { user } } }))).items,
  });
  if (error !== null) return errorText(error);
  if (data === undefined) return "…";
  if (data.length === 0) return m.live_detail_no_sign_in();
  return (
    <ul>
      {data.slice(0, SIGN_INS_SHOWN).map((one) => <li key={one.id}>{dayAndTime(one.created_at)} · {one.address}<p className={css.note}>{one.user_agent} · {m.live_detail_seen({ time: dayAndTime(one.seen_at) })}</p></li>)}
    </ul>
  );
}
