import { useQuery } from "@tanstack/react-query";
import { AppWindow } from "lucide-react";
import { clockWithSeconds, dateOnly } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Empty } from "../../ui/Empty/Empty";
import { Pane } from "../../ui/Pane/Pane";
import { Tag, type Tone } from "../../ui/Tag/Tag";
import { popLogQuery, usersQuery } from "../data/queries";
import type { PopLogView, PopRule } from "../../api/types";
import { Loaded } from "../parts/Loaded";
import parts from "../parts/parts.module.css";
import css from "./pops.module.css";
import { popStateWord, reasonWords } from "./words";

const TONES: Record<PopLogView["state"], Tone | undefined> = { shown: "good", suppressed: "warn", retracted: undefined };

/** Shown and suppressed pops, newest first: the answer to “why did nothing appear?”. */
export function PopLog({ rules }: { rules: readonly PopRule[] }) {
  const query = useQuery(popLogQuery);
  const users = useQuery(usersQuery);
  const nameOf = (id: string) => users.data?.items.find((user) => user.id === id)?.name ?? "–";
  const ruleOf = (id: string | null | undefined) => rules.find((rule) => rule.id === id)?.name;
  return (
    <Pane title={m.admin_pop_log()} note={m.admin_pop_log_note()} head="admin" ground="canvas">
      <Loaded query={query} title={m.admin_pop_log_unread()} height="two">
        {(rows) => (rows.length === 0
          ? <Empty icon={<AppWindow />} title={m.admin_pop_log_none()}>{m.admin_pop_log_none_text()}</Empty>
          : (
            <ol className={css.log} aria-label={m.admin_pop_log()}>
              {rows.map((row) => <Line key={row.id} row={row} user={nameOf(row.user)} rule={ruleOf(row.rule)} />)}
            </ol>
          ))}
      </Loaded>
    </Pane>
  );
}

function Line({ row, user, rule }: { row: PopLogView; user: string; rule: string | undefined }) {
  const at = [dateOnly(row.at), clockWithSeconds(row.at)].join(" ");
  return (
    <li className={css.line}>
      <span className={css.lineHead}>
        <Tag tone={TONES[row.state]}>{popStateWord(row.state)}</Tag>
        <span className={parts.strong}>{user}</span>
        <time className={css.at} dateTime={row.at}>{at}</time>
      </span>
      <span className={css.why}>
        {row.state === "shown" ? [rule, row.latency_ms !== null && row.latency_ms !== undefined && m.admin_pop_latency({ ms: row.latency_ms })].filter(Boolean).join(" · ") || m.admin_pop_card_only() : reasonWords(row.reason)}
      </span>
      {row.url && <span className={parts.mono}>{row.url}</span>}
    </li>
  );
}
