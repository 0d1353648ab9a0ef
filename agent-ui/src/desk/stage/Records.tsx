import { useQuery } from "@tanstack/react-query";
import { FileCheck2, FileClock, FileUp, FileX2, RotateCcw, X, type LucideIcon } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { api, ok } from "../../api/client";
import { useRights } from "../../app/hooks";
import { useSave } from "../../admin/parts/useSave";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { InlineError } from "../../ui/Message/Message";
import { SectionHead } from "../../ui/Pane/Pane";
import { canAct, type Filing, filingTone, type FilingTone, filingWord, isUnderWay, type RecordsSystem } from "./filings";
import css from "./Records.module.css";

// Whoever hands nothing over needs no form for it.
const HandOver = lazy(() => import("./HandOver"));

/** How often what is under way is looked at. */
const AGAIN_MS = 1_500;
/** Records systems stand in the configuration. */
const SYSTEMS_FRESH_MS = 5 * 60_000;
const KEY = "filings";

/** Handing a call over to a records system, and the reference that comes back; nothing where there is no such system. */
export function Records({ call }: { call: string }) {
  const mayFile = useRights().has("call.note");
  const systems = useQuery({
    queryKey: ["records_systems"],
    queryFn: async () => (await ok(api.GET("/v1/records_systems"))).items,
    enabled: mayFile,
    staleTime: SYSTEMS_FRESH_MS,
  });
  const known = systems.data ?? [];
  const filings = useQuery({
    queryKey: [KEY, call],
    queryFn: async () => (await ok(api.GET("/v1/calls/{id}/filings", { params: { path: { id: call } } }))).items,
    enabled: known.length > 0,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? AGAIN_MS : false),
  });
  const [isOpen, setOpen] = useState(false);
  if (known.length === 0) return null;
  const rows = filings.data ?? [];
  return (
    <section aria-label={m.desk_records()} className={css.records}>
      <SectionHead title={m.desk_records()} actions={<Button size="sm" icon={<FileUp aria-hidden />} onPress={() => setOpen(true)}>{m.desk_records_hand_over()}</Button>} />
      {rows.length > 0 && <ul className={css.filings} aria-label={m.desk_records()} aria-live="polite">{rows.map((row) => <Row key={row.id} row={row} systems={known} call={call} />)}</ul>}
      {isOpen && <Suspense><HandOver call={call} systems={known} listed={[KEY]} onClose={() => setOpen(false)} /></Suspense>}
    </section>
  );
}

const ICONS: Record<FilingTone, LucideIcon> = { good: FileCheck2, info: FileClock, warn: FileClock, bad: FileX2, off: FileX2 };

function Row({ row, systems, call }: { row: Filing; systems: readonly RecordsSystem[]; call: string }) {
  const save = useSave((action: "retry" | "cancel") => ok(api.POST("/v1/filings/{id}/actions", { params: { path: { id: row.id } }, body: { action } })), [KEY]);
  const tone = filingTone(row);
  const Icon = ICONS[tone];
  const system = systems.find(({ id }) => id === row.records)?.name ?? row.records;
  return (
    <li className={css.filing} data-tone={tone} data-call={call}>
      <Icon aria-hidden />
      <span className={css.words}>
        <span><strong>{row.reference ?? filingWord(row.state)}</strong> · {[system, row.title].filter(Boolean).join(" · ")}</span>
        {row.reference && <span className={css.quiet}>{filingWord(row.state)}{row.file_reference && ` · ${m.desk_records_file({ reference: row.file_reference })}`}</span>}
        {row.problem && row.state !== "filed" && <span className={css.quiet}>{[row.problem.code, row.problem.text].filter(Boolean).join(": ")}</span>}
        {save.problem !== null && <InlineError>{save.problem}</InlineError>}
      </span>
      {canAct(row) && (
        <span className={css.deeds}>
          <IconButton kind="quiet" size="sm" icon={<RotateCcw aria-hidden />} label={m.desk_records_retry()} isPending={save.isPending} onPress={() => save.run("retry")} />
          <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.desk_records_cancel()} isPending={save.isPending} onPress={() => save.run("cancel")} />
        </span>
      )}
    </li>
  );
}
