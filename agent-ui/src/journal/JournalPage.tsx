import { useInfiniteQuery } from "@tanstack/react-query";
import { BookOpenText, RotateCw, X } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useSearchText } from "../admin/parts/useSearchText";
import { api, ok } from "../api/client";
import { useRights } from "../app/hooks";
import { Page } from "../app/Page";
import { usePeopleList } from "../app/people";
import { Loaded } from "../admin/parts/Loaded";
import { isBackwards } from "../domain/days";
import { m } from "../i18n/generated/messages.js";
import { Button, IconButton } from "../ui/Button/Button";
import { ComboBox } from "../ui/ComboBox/ComboBox";
import { Empty } from "../ui/Empty/Empty";
import { SearchField, TextField } from "../ui/Field/Field";
import { Pane } from "../ui/Pane/Pane";
import parts from "../admin/parts/parts.module.css";
import css from "./journal.module.css";
import { askedFor, type JournalFilter, type JournalView, peopleOf } from "./journal";
import { JournalRows } from "./JournalRows";

/** Lines that one request reads. */
const PAGE_LINES = 100;

/** The call-history book: one's own calls, or those of everybody one may see. */
export function JournalPage() {
  const [filter, change] = useSearchText("from", "to", "number", "user");
  const asked = useDeferredValue(filter);
  const query = useInfiniteQuery({
    queryKey: ["journal", asked],
    queryFn: ({ pageParam }) => readPage(asked, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    enabled: !isBackwards(asked),
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = Object.values(filter).some(Boolean);
  // The book stands still while somebody reads it; what is new comes by this button.
  const again = <IconButton label={m.journal_refresh()} icon={<RotateCw aria-hidden />} isPending={query.isRefetching && !query.isFetchingNextPage} onPress={() => void query.refetch()} />;
  return (
    <Page
      title={m.journal_title()}
      stage={
        <Pane title={m.journal_title()} note={query.data && m.journal_count({ count: rows.length })} head="admin" actions={again} toolbar={<Filters filter={filter} onChange={change} rows={rows} />}>
          {isBackwards(filter) ? <Nothing isFiltered /> : (
            <Loaded query={query} title={m.journal_unread()}>
              {() => (rows.length === 0 ? <Nothing isFiltered={isFiltered} /> : <JournalRows rows={rows} />)}
            </Loaded>
          )}
          {query.hasNextPage && <div className={css.more}><Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>{m.admin_more()}</Button></div>}
        </Pane>
      }
    />
  );
}

function readPage(filter: JournalFilter, cursor: string | undefined) {
  const query = { ...askedFor(filter), limit: PAGE_LINES, ...(cursor === undefined ? {} : { cursor }) };
  return ok(api.GET("/v1/journal", { params: { query } }));
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty icon={<BookOpenText />} title={m.journal_nothing()}>{m.journal_nothing_text()}</Empty>;
  return <Empty icon={<BookOpenText />} title={m.journal_none()}>{m.journal_none_text()}</Empty>;
}

interface FiltersProps {
  filter: JournalFilter;
  onChange(change: JournalFilter): void;
  rows: readonly JournalView[];
}

function Filters({ filter, onChange, rows }: FiltersProps) {
  const { has } = useRights();
  // The address follows a moment later; the field itself must not wait for it.
  const [number, setNumber] = useState(filter.number ?? "");
  const write = (text: string) => {
    setNumber(text);
    onChange({ number: text.trim() || undefined });
  };
  const clear = () => {
    setNumber("");
    onChange({ from: undefined, to: undefined, number: undefined, user: undefined });
  };
  const isSet = Object.values(filter).some(Boolean);
  return (
    <div className={parts.filters} role="search" aria-label={m.journal_filters()}>
      <TextField label={m.journal_from()} type="date" value={filter.from ?? ""} onChange={(from) => onChange({ from: from || undefined })} error={isBackwards(filter) ? m.journal_backwards() : null} />
      <TextField label={m.journal_to()} type="date" value={filter.to ?? ""} onChange={(to) => onChange({ to: to || undefined })} />
      <SearchField label={m.journal_number()} value={number} onChange={write} />
      {has("call.read.team") && <PersonField rows={rows} value={filter.user ?? null} onChange={(user) => onChange({ user: user ?? undefined })} />}
      <Button kind="quiet" icon={<X aria-hidden />} reason={isSet ? null : m.journal_no_filter()} onPress={clear}>{m.journal_clear()}</Button>
    </div>
  );
}

/** Colleagues, and whoever else stands in the lines that were read: people who left stay in the book. */
function PersonField({ rows, value, onChange }: { rows: readonly JournalView[]; value: string | null; onChange: (id: string | null) => void }) {
  const colleagues = usePeopleList();
  const people = peopleOf(colleagues, rows.flatMap((row) => row.user ?? []));
  return <ComboBox label={m.journal_person()} choices={people.map(({ id, name }) => ({ id, label: name }))} value={value} onPick={onChange} placeholder={m.journal_everybody()} empty={m.desk_nobody_found()} />;
}
