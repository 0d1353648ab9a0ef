import { partyName } from "../../domain/format";
import { errorText } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { ErrorPane, Skeleton } from "../../ui/Empty/Empty";
import type { PopView } from "../../api/types";
import { desk } from "../desk";
import { useCall, useCaller, usePop } from "../useCall";
import { useWrapUpCall } from "../useFocus";
import { useMine } from "../useMine";
import { CallStage } from "./CallStage";
import { phaseOf } from "./phase";
import { PopCard } from "./PopCard";
import { WrapUpStage } from "./WrapUpStage";
import css from "./Stage.module.css";

/** One call from its ring to the end of its wrap-up: one element of the page, whatever it goes through. Key it by the call. */
export function CallView({ id, others }: { id: string; others: readonly PopView[] }) {
  const { call, error, retry } = useCall(id);
  const pop = usePop(id);
  const caller = useCaller(call, pop);
  const mine = useMine();
  const wrapUp = useWrapUpCall();
  const phase = phaseOf(call, pop, mine, wrapUp);
  return (
    <article className={css.call} id={`call-${id}`} tabIndex={-1} data-call={id} data-phase={phase} aria-label={partyName(caller.party, caller.contact)}>
      {(phase === "ringing" || others.length > 0) && <Offers others={others} isRinging={phase === "ringing"} />}
      {phase === "ringing" && <PopCard id={id} call={call} pop={pop} caller={caller} />}
      {phase === "loading" && (error === null ? <Skeleton label={m.desk_loading()} /> : <ErrorPane title={m.desk_call_failed()} actions={<><Button kind="primary" onPress={retry}>{m.desk_try_again()}</Button><Button onPress={() => desk.close(id)}>{m.desk_close()}</Button></>}>{errorText(error)}</ErrorPane>)}
      {call !== undefined && (phase === "live" || phase === "ended") && <CallStage call={call} caller={caller} />}
      {call !== undefined && phase === "wrap_up" && <WrapUpStage call={call} caller={caller} />}
    </article>
  );
}

const SHOWN_MOST = 4;

/** Head of the stage while something rings: which of how many, and the others to look at. */
function Offers({ others, isRinging }: { others: readonly PopView[]; isRinging: boolean }) {
  const count = others.length + Number(isRinging);
  return (
    <div className={css.offers}>
      <strong>{m.desk_incoming()}</strong>
      <span>{isRinging ? m.desk_one_of({ count }) : m.desk_more_ring({ count })}</span>
      <span className={css.spacer} />
      {others.slice(0, SHOWN_MOST).map((pop) => <Button key={pop.id} size="sm" onPress={() => desk.chooseCall(pop.call)}>{partyName(pop.calling, pop.lookup?.outcome === "one" ? pop.lookup.matches[0]?.contact : null)}</Button>)}
    </div>
  );
}
