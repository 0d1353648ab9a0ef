import { Check, Plus } from "lucide-react";
import type { AgentView } from "../../live/frames";
import { Timer } from "../../app/Timer";
import { clock, partyName } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { StateMark } from "../../ui/StateMark/StateMark";
import { desk } from "../desk";
import { otherParty } from "../legs";
import { useCall } from "../useCall";
import { useMyExtension } from "../useMine";
import { useAgentWork } from "./useAgentWork";
import css from "./LineCard.module.css";

/** The line keeps its place after the call: how much time is left for the rest of the work. */
export function WrapUpLine({ agent }: { agent: AgentView }) {
  const { call: id, wrap_up_until } = agent.state;
  if (!id) return null;
  return <Ended agent={agent} id={id} until={wrap_up_until ?? null} />;
}

function Ended({ agent, id, until }: { agent: AgentView; id: string; until: string | null }) {
  const { call } = useCall(id);
  const extension = useMyExtension();
  const name = call === undefined ? m.state_wrap_up() : partyName(otherParty(call, extension), call.contact);
  return (
    <section className={css.line} data-state="wrap_up" data-current data-call={id} aria-label={m.bar_line({ name })}>
      <button type="button" className={css.who} onClick={() => desk.chooseCall(id)}>
        <StateMark state="wrap_up" size={24} />
        <span className={css.party}>
          <span className={css.name}>{name}</span>
          <span className={css.sub}>{call?.ended_at ? m.bar_line_ended({ time: clock(call.ended_at) }) : m.state_wrap_up()}</span>
        </span>
        {until !== null && (
          <span className={css.time}>
            <Timer until={until} />
          </span>
        )}
      </button>
      <WrapUpButtons agent={agent} />
    </section>
  );
}

/** More time for the work after a call, or its end. A note that is begun is kept in any case. */
function WrapUpButtons({ agent }: { agent: AgentView }) {
  const work = useAgentWork(agent);
  if (!work.isKept) return null;
  return (
    <div className={css.actions}>
      <Button icon={<Plus aria-hidden />} aria-label={m.wrap_up_extend()} tip={m.wrap_up_extend()} isPending={work.isPending} onPress={() => void work.extend()}>
        <span className={css.word}>{m.wrap_up_extend_short()}</span>
      </Button>
      <Button icon={<Check aria-hidden />} aria-label={m.wrap_up_finish()} aria-keyshortcuts="Alt+Shift+W" tip={m.wrap_up_finish()} isPending={work.isPending} onPress={() => void work.finish()}>
        <span className={css.word}>{m.wrap_up_finish()}</span>
      </Button>
    </div>
  );
}
