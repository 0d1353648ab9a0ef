import { useQuery } from "@tanstack/react-query";
import { Ban, CalendarClock, Coffee, ListOrdered, ListTree, Plus, Split } from "lucide-react";
import type { ReactNode } from "react";
import type { Block, Calendar, CategoryChoice, EntryRule, PauseReason } from "../api/types";
import { Page } from "../app/Page";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { GridList, GridRow } from "../ui/List/List";
import { Pane, SectionHead } from "../ui/Pane/Pane";
import { Tag } from "../ui/Tag/Tag";
import { BlocksPart } from "./acd/BlocksPart";
import { CategoriesPart } from "./acd/CategoriesPart";
import { Effect } from "./acd/Effect";
import { HoursPart } from "./acd/HoursPart";
import { MembersPart } from "./acd/MembersPart";
import { NEW, QueuePart, useQueueView, useQueueWork } from "./acd/QueuePart";
import { ReasonsPart } from "./acd/ReasonsPart";
import { RulesPart, TryCall } from "./acd/RulesPart";
import { useWhole } from "./acd/useWhole";
import { queuesQuery } from "./data/queries";
import parts from "./parts/parts.module.css";
import { useSearchText } from "./parts/useSearchText";
import css from "./acd/acd.module.css";

const PARTS = ["rules", "hours", "blocks", "breaks", "categories"] as const;
type Part = (typeof PARTS)[number];

/** How calls find their agents: queues of ours with their people, entry rules, hours, blocked numbers, breaks. */
export function QueuesPage() {
  const [place, goTo] = useSearchText("queue", "part", "view");
  const queues = useQuery(queuesQuery);
  const owned = (queues.data?.items ?? []).filter(({ kind }) => kind === "owned");
  const part = PARTS.find((one) => one === place.part);
  const queue = part === undefined ? place.queue ?? owned[0]?.id : undefined;
  const list = (
    <Pane title={m.acd_title()} head="admin" ground="canvas">
      <SectionHead level={2} title={m.rail_queues()} actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={() => goTo({ queue: NEW, part: undefined, view: undefined })}>{m.admin_add()}</Button>} />
      <Choices label={m.rail_queues()} chosen={queue ?? null} onChoose={(id) => goTo({ queue: id, part: undefined })} items={owned.map(({ id, name, active, members }) => ({ id, name, note: m.acd_member_count({ count: members }), icon: <ListOrdered aria-hidden />, isOff: !active }))} />
      <SectionHead level={2} title={m.acd_common()} />
      <Choices label={m.acd_common()} chosen={part ?? null} onChoose={(id) => goTo({ part: id })} items={commonParts()} />
    </Pane>
  );
  const common = { title: m.acd_title(), listLabel: m.acd_title(), toolsLabel: m.acd_effect(), widths: { list: 264, tools: 372 }, list };
  if (part !== undefined) return <CommonPart key={part} part={part} common={common} />;
  if (queue === undefined) return <Page {...common} stage={<Pane title={m.rail_queues()} head="admin"><Empty icon={<ListOrdered />} title={m.acd_queues_none()} action={<Button icon={<Plus aria-hidden />} onPress={() => goTo({ queue: NEW })}>{m.acd_queue_make()}</Button>}>{m.acd_queues_none_text()}</Empty></Pane>} />;
  return <QueueStage key={queue} id={queue} isMembers={place.view === "members" && queue !== NEW} common={common} goTo={goTo} />;
}

interface Common {
  title: string;
  listLabel: string;
  toolsLabel: string;
  widths: { list: number; tools: number };
  list: ReactNode;
}

function QueueStage({ id, isMembers, common, goTo }: { id: string; isMembers: boolean; common: Common; goTo: (change: { queue?: string | undefined; view?: string | undefined }) => void }) {
  const work = useQueueWork(id);
  const view = useQueueView(id);
  if (isMembers) return <Page {...common} stage={<MembersPart id={id} name={view.data?.data.name ?? ""} needed={work.form.needs.map(({ skill }) => skill)} onSettings={() => goTo({ view: undefined })} />} />;
  return (
    <Page
      {...common}
      stage={<QueuePart id={id} work={work} onShow={(next) => goTo({ queue: next })} onMembers={() => goTo({ view: "members" })} />}
      tools={<Effect trial={work.trial} isDirty={work.kept !== null} />}
    />
  );
}

function CommonPart({ part, common }: { part: Part; common: Common }) {
  if (part === "rules") return <Rules common={common} />;
  if (part === "hours") return <Hours common={common} />;
  if (part === "blocks") return <Blocks common={common} />;
  return part === "breaks" ? <Breaks common={common} /> : <Categories common={common} />;
}

function Rules({ common }: { common: Common }) {
  const rules = useWhole<EntryRule>("/v1/entry_rules", "entry_rules");
  return <Page {...common} toolsLabel={m.acd_try()} stage={<RulesPart rules={rules} />} tools={<TryCall isDirty={rules.isDirty} />} />;
}

function Hours({ common }: { common: Common }) {
  const calendars = useWhole<Calendar>("/v1/calendars", "calendars", { touches: ["queues"] });
  return <Page {...common} stage={<HoursPart calendars={calendars} />} tools={<Effect trial={calendars.trial} isDirty={calendars.isDirty} />} />;
}

function Blocks({ common }: { common: Common }) {
  const blocks = useWhole<Block>("/v1/blocks", "blocks");
  return <Page {...common} stage={<BlocksPart blocks={blocks} />} />;
}

function Breaks({ common }: { common: Common }) {
  const reasons = useWhole<PauseReason>("/v1/reasons", "reasons_whole", { touches: ["reasons"] });
  return <Page {...common} stage={<ReasonsPart reasons={reasons} />} />;
}

function Categories({ common }: { common: Common }) {
  const categories = useWhole<CategoryChoice>("/v1/dispositions", "dispositions_whole", { tries: false, touches: ["dispositions"] });
  return <Page {...common} stage={<CategoriesPart categories={categories} />} />;
}

interface ChoiceRow {
  id: string;
  name: string;
  note: string;
  icon: ReactNode;
  isOff?: boolean;
}

function commonParts(): ChoiceRow[] {
  return [
    { id: "rules", name: m.acd_rules(), note: m.acd_rules_short(), icon: <Split aria-hidden /> },
    { id: "hours", name: m.acd_hours(), note: m.acd_hours_short(), icon: <CalendarClock aria-hidden /> },
    { id: "blocks", name: m.acd_blocks(), note: m.acd_blocks_short(), icon: <Ban aria-hidden /> },
    { id: "breaks", name: m.acd_reasons(), note: m.acd_reasons_short(), icon: <Coffee aria-hidden /> },
    { id: "categories", name: m.acd_categories(), note: m.acd_categories_short(), icon: <ListTree aria-hidden /> },
  ];
}

function Choices({ label, items, chosen, onChoose }: { label: string; items: readonly ChoiceRow[]; chosen: string | null; onChoose: (id: string) => void }) {
  if (items.length === 0) return null;
  return (
    <GridList label={label} items={items} selectionMode="single" disallowEmptySelection selectedKeys={chosen === null ? [] : [chosen]} onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }}>
      {(one) => (
        <GridRow id={one.id} text={one.name}>
          <span className={css.choiceIcon}>{one.icon}</span>
          <span className={parts.two}><span className={parts.strong}>{one.name}</span><span>{one.note}</span></span>
          {one.isOff && <Tag look="outlined">{m.admin_inactive()}</Tag>}
        </GridRow>
      )}
    </GridList>
  );
}
