import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { HistoryRow, LookupView } from "../api/types";
import { useNow, useRights } from "../app/hooks";
import { queryText } from "../admin/data/pages";
import { Loaded } from "../admin/parts/Loaded";
import { DirectionIcon, WhatWasIt } from "../desk/stage/HistoryTable";
import { dayAndTime, phone } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { SectionHead } from "../ui/Pane/Pane";
import css from "./work.module.css";

const ROWS = 10;

/** Who is behind a number: the contact if there is exactly one, and what was talked about before. */
export function Caller({ number }: { number: string }) {
  const { has } = useRights();
  const lookup = useQuery({
    queryKey: ["contacts", "lookup", number],
    queryFn: () => call<LookupView>("GET", `/v1/contacts/lookup${queryText({ number })}`),
    enabled: has("contact.read"),
  });
  const history = useQuery({
    queryKey: ["contacts", "history", number],
    queryFn: () => call<{ items: HistoryRow[] }>("GET", `/v1/contacts/history${queryText({ number, limit: ROWS })}`),
    enabled: has("contact.read"),
  });
  const now = useNow();
  const matches = lookup.data?.matches ?? [];
  return (
    <>
      <div className={css.caller}>
        <p className={css.who}>{matches.length === 1 ? matches[0]?.contact.name : phone(number)}</p>
        {matches.length === 1 && matches[0]?.contact.company && <p>{matches[0].contact.company}</p>}
        {matches.length === 1 && <p>{phone(number)}</p>}
        {matches.length > 1 && <p className={css.quiet}>{m.work_some_contacts({ names: matches.map(({ contact }) => contact.name).join(", ") })}</p>}
        {lookup.data !== undefined && matches.length === 0 && <p className={css.quiet}>{m.work_no_contact()}</p>}
      </div>
      <SectionHead title={m.work_history()} />
      {has("contact.read") && (
        <Loaded query={history} title={m.work_history_unread()}>
          {({ items }) => (items.length === 0 ? <p className={css.nothing}>{m.work_history_none()}</p> : (
            <ul className={css.history} aria-label={m.work_history()}>
              {items.map((row) => (
                <li key={row.call}>
                  <span className={css.when}>{dayAndTime(row.at, now)}</span>
                  <DirectionIcon row={row} />
                  <WhatWasIt row={row} />
                  <span className="truncate">{row.agent_name ?? "–"}</span>
                </li>
              ))}
            </ul>
          ))}
        </Loaded>
      )}
    </>
  );
}
