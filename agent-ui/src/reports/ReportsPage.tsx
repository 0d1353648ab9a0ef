import { useQuery } from "@tanstack/react-query";
import { Coffee, RotateCw } from "lucide-react";
import { useMemo } from "react";
import { Figures } from "../admin/parts/Figures";
import { Loaded } from "../admin/parts/Loaded";
import parts from "../admin/parts/parts.module.css";
import { useSearchText } from "../admin/parts/useSearchText";
import { api, ok } from "../api/client";
import { useLive, useLiveClient, useReasons, useRights } from "../app/hooks";
import { Page } from "../app/Page";
import { usePersonName } from "../app/people";
import { dayOf, type Days, isBackwards, span } from "../domain/days";
import { duration } from "../domain/format";
import { m } from "../i18n/generated/messages.js";
import { peopleOf } from "../journal/journal";
import { IconButton } from "../ui/Button/Button";
import { ComboBox } from "../ui/ComboBox/ComboBox";
import { Empty } from "../ui/Empty/Empty";
import { TextField } from "../ui/Field/Field";
import { Pane } from "../ui/Pane/Pane";
import { BreakRows } from "./BreakRows";
import { type BreakRow, breakRows, totalsOf } from "./breaks";
import css from "./reports.module.css";

/** How long and how often agents were on a break, of some days: of today until others are chosen. */
export function ReportsPage() {
  const { clock } = useLiveClient();
  const [chosen, change] = useSearchText("from", "to", "agent");
  const today = dayOf(clock.now());
  const days = { from: chosen.from ?? today, to: chosen.to ?? today };
  const query = useBreaks(days);
  const all = useRows(query.data);
  const rows = chosen.agent === undefined ? all : all.filter((row) => row.agent === chosen.agent);
  // Figures stand still while somebody reads them; what is new comes by this button.
  const again = <IconButton label={m.journal_refresh()} icon={<RotateCw aria-hidden />} isPending={query.isRefetching} onPress={() => void query.refetch()} />;
  return (
    <Page
      title={m.report_title()}
      stage={
        <Pane title={m.report_breaks()} note={query.data && m.journal_count({ count: rows.length })} head="admin" actions={again} toolbar={<Filters days={days} agent={chosen.agent ?? null} rows={all} onChange={change} />}>
          {isBackwards(days) ? <Nothing /> : (
            <Loaded query={query} title={m.report_breaks_unread()}>
              {() => (rows.length === 0 ? <Nothing /> : <><Totals rows={rows} /><BreakRows rows={rows} /><p className={css.note}>{m.report_breaks_note()}</p></>)}
            </Loaded>
          )}
        </Pane>
      }
    />
  );
}

function useBreaks(days: Days) {
  const { from, to } = span(days);
  return useQuery({
    queryKey: ["reports", "breaks", from, to],
    queryFn: async () => (await ok(api.GET("/v1/reports/breaks", { params: { query: { from: from ?? "", to: to ?? "" } } }))).items,
    enabled: from !== undefined && to !== undefined && !isBackwards(days),
    placeholderData: (before) => before,
  });
}

/** The lines with the names of people where these are known. */
function useRows(views: Parameters<typeof breakRows>[0] | undefined): readonly BreakRow[] {
  const agents = useLive(({ parts: { agents: known } }) => known.items);
  const reasons = useReasons();
  const nameOf = usePersonName();
  return useMemo(() => breakRows(views ?? [], reasons, (agent, otherwise) => nameOf(agents.get(agent)?.user, otherwise)), [views, reasons, nameOf, agents]);
}

function Totals({ rows }: { rows: readonly BreakRow[] }) {
  const { times, totalMs, byKind } = totalsOf(rows);
  return (
    <div className={css.totals}>
      <Figures
        label={m.report_totals()}
        items={[
          { label: m.report_times(), value: times },
          { label: m.report_total(), value: duration(totalMs) },
          { label: m.report_kind_work(), value: duration(byKind.work) },
          { label: m.report_kind_paid(), value: duration(byKind.paid) },
          { label: m.report_kind_private(), value: duration(byKind.private) },
        ]}
      />
    </div>
  );
}

interface FiltersProps {
  days: Required<Days>;
  agent: string | null;
  rows: readonly BreakRow[];
  onChange: (change: { from?: string | undefined; to?: string | undefined; agent?: string | undefined }) => void;
}

function Filters({ days, agent, rows, onChange }: FiltersProps) {
  const { has } = useRights();
  return (
    <div className={parts.filters} role="search" aria-label={m.report_filters()}>
      <TextField label={m.journal_from()} type="date" value={days.from ?? ""} onChange={(from) => onChange({ from: from || undefined })} error={isBackwards(days) ? m.journal_backwards() : null} />
      <TextField label={m.journal_to()} type="date" value={days.to ?? ""} onChange={(to) => onChange({ to: to || undefined })} />
      {has("report.read.team") && <AgentField rows={rows} value={agent} onChange={(id) => onChange({ agent: id ?? undefined })} />}
    </div>
  );
}

/** Agents of the team, and whoever else stands in the lines: who left stays in the figures. */
function AgentField({ rows, value, onChange }: { rows: readonly BreakRow[]; value: string | null; onChange: (id: string | null) => void }) {
  const known = useLive(({ parts: { agents } }) => [...agents.items.values()]);
  const nameOf = usePersonName();
  const agents = peopleOf(rows.map(({ agent, name }) => ({ id: agent, name })), known.map(({ id, user, name }) => ({ id, name: nameOf(user, name) })));
  return <ComboBox label={m.journal_person()} choices={agents.map(({ id, name }) => ({ id, label: name }))} value={value} onPick={onChange} placeholder={m.journal_everybody()} empty={m.desk_nobody_found()} />;
}

function Nothing() {
  return <Empty icon={<Coffee />} title={m.report_breaks_none()}>{m.report_breaks_none_text()}</Empty>;
}
