import { UserPlus } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import type { ContactMatch } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Radio, RadioGroup } from "../../ui/Choice/Choice";
import { Kbd } from "../../ui/Kbd/Kbd";
import { Message } from "../../ui/Message/Message";
import { errorText } from "../../domain/can";
import { useChooseContact } from "../useCall";
import { MatchTag } from "./MatchTag";
import css from "./Stage.module.css";

const NOBODY = "nobody";

interface MatchListProps {
  call: string;
  matches: readonly ContactMatch[];
  /** None of these: write a new one. */
  onNobody: () => void;
}

/** The only exact match, if there is one: neither a suggestion nor one of several is chosen beforehand. */
function likely(matches: readonly ContactMatch[]): string | null {
  const [first, second] = matches.filter((match) => match.confidence === "exact");
  return second === undefined ? (first?.contact.id ?? null) : null;
}

/** Who of these calls? The choice is written on the call. */
export function MatchList({ call, matches, onNobody }: MatchListProps) {
  const [pick, setPick] = useState(() => likely(matches));
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const choose = useChooseContact(call);
  const picked = matches.find((match) => match.contact.id === pick);
  const take = async (id: string | null) => {
    if (id === NOBODY || id === null) return onNobody();
    setState({ busy: true, error: null });
    try {
      await choose(id);
      setState({ busy: false, error: null });
    } catch (error) {
      setState({ busy: false, error });
    }
  };
  const key = (event: KeyboardEvent) => {
    const at = Number(event.key) - 1;
    if (Number.isInteger(at) && at >= 0 && at <= matches.length) setPick(matches[at]?.contact.id ?? NOBODY);
    if (event.key === "Enter" && pick !== null) void take(pick);
  };
  return (
    <div className={css.matches} onKeyDown={key} role="presentation">
      <RadioGroup aria-label={m.desk_who_calls()} value={pick} onChange={setPick}>
        {matches.map((match, at) => (
          <Radio key={match.contact.id} value={match.contact.id} look="row">
            <span className={css.match} data-suggested={match.confidence === "suggested" || undefined}>
              <span className={css.matchName}><strong className="truncate">{match.contact.name}</strong><span className="truncate">{match.contact.company ?? (match.contact.kind === "company" ? m.desk_company() : match.contact.email ?? "")}</span></span>
              <MatchTag match={match} />
              {at < 9 && <Kbd>{at + 1}</Kbd>}
            </span>
          </Radio>
        ))}
        <Radio value={NOBODY} look="row"><span className={css.match}><span className={css.nobody}><UserPlus aria-hidden />{m.desk_nobody_of_these()}</span><span />{matches.length < 9 && <Kbd>{matches.length + 1}</Kbd>}</span></Radio>
      </RadioGroup>
      <div className={css.matchAction}>
        {state.error !== null && <Message tone="bad" look="plain" live="alert">{errorText(state.error)}</Message>}
        <Button size="lg" isPending={state.busy} reason={pick === null ? m.desk_choose_first() : null} onPress={() => void take(pick)} kbd="↵">{picked === undefined ? (pick === NOBODY ? m.desk_write_new() : m.desk_choose_person()) : m.desk_it_is({ name: picked.contact.name })}</Button>
      </div>
    </div>
  );
}

