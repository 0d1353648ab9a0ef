import { useQuery } from "@tanstack/react-query";
import { Ban, CalendarClock, Coffee, ListOrdered, ListTree, PhoneForwarded, Plus, Split } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Block, Calendar, CallbackForm, CategoryChoice, EntryRule, PauseReason, QueueView } from "../api/types";
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
import { FormPreview, FormsPart } from "./acd/FormsPart";
import { LimitsPart } from "./acd/LimitsPart";
import { MembersPart } from "./acd/MembersPart";
import { NEW, QUEUE_LOOKS, type QueueLook, QueuePart, useQueueView, useQueueWork } from "./acd/QueuePart";
import { QueueAlerts } from "./acd/QueueAlerts";
import { ReasonsPart } from "./acd/ReasonsPart";
import { RulesPart, TryCall } from "./acd/RulesPart";
import { useWhole } from "./acd/useWhole";
import { queuesQuery } from "./data/queries";
import parts from "./parts/parts.module.css";
import { useSearchText } from "./parts/useSearchText";
import css from "./acd/acd.module.css";

const PARTS = ["rules", "hours", "blocks", "forms", "breaks", "categories"] as const;
type Part = (typeof PARTS)[number];

/** How calls find their agents: queues of ours with their people, entry rules, hours, blocked numbers, forms, breaks. */
export function QueuesPage() {
  const [place, goTo] = useSearchText("queue", "part", "view");
  const queues = useQuery(queuesQuery);
  const all = queues.data?.items ?? [];
  const owned = all.filter(({ kind }) => kind === "owned");
  const part = PARTS.find((one) => one === place.part);
  const queue = part === undefined ? place.queue ?? owned[0]?.id : undefined;
  const editor = useEditorOfNew();
  const make = () => {
    editor.begin();
    goTo({ queue: NEW, part: undefined, view: undefined });
  };
  const choose = (id: string) => goTo({ queue: id, part: undefined, ...(queue === NEW ? { view: undefined } : {}) });
  const list = (
    <Pane title={m.acd_title()} head="admin" ground="canvas">
      <SectionHead level={2} title={m.rail_queues()} actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={make}>{m.admin_add()}</Button>} />
      <Choices label={m.rail_queues()} chosen={queue ?? null} onChoose={choose} items={owned.map(queueRow)} />
      {owned.length < all.length && <SectionHead level={2} title={m.acd_pbx_queues()} />}
      <Choices label={m.acd_pbx_queues()} chosen={queue ?? null} onChoose={choose} items={all.filter(({ kind }) => kind !== "owned").map(queueRow)} />
      <SectionHead level={2} title={m.acd_common()} />
      <Choices label={m.acd_common()} chosen={part ?? null} onChoose={(id) => goTo({ part: id })} items={commonParts()} />
    </Pane>
  );
  const common = { title: m.acd_title(), listLabel: m.acd_title(), toolsLabel: m.acd_effect(), widths: { list: 264, tools: 372 }, list };
  if (part !== undefined) return <CommonPart key={part} part={part} common={common} />;
  if (queue === undefined) return <Page {...common} stage={<Pane title={m.rail_queues()} head="admin"><Empty icon={<ListOrdered />} title={m.acd_queues_none()} action={<Button icon={<Plus aria-hidden />} onPress={make}>{m.acd_queue_make()}</Button>}>{m.acd_queues_none_text()}</Empty></Pane>} />;
  const pbx = all.find(({ id, kind }) => id === queue && kind !== "owned");
  if (pbx !== undefined) return <LimitsStage key={queue} queue={pbx} common={common} />;
  const show = (id: string | undefined) => {
    if (id !== undefined) editor.made(id);
    goTo({ queue: id });
  };
  return <QueueStage key={editor.keyOf(queue)} id={queue} look={QUEUE_LOOKS.find((one) => one === place.view && queue !== NEW) ?? "settings"} common={common} onShow={show} onView={(view) => goTo({ view: view === "settings" ? undefined : view })} />;
}

const queueRow = ({ id, name, active, members, kind }: QueueView): ChoiceRow => ({ id, name, note: m.acd_member_count({ count: members }), icon: <ListOrdered aria-hidden />, isOff: kind === "owned" && !active });

/** The editor in which a queue was made goes on as that of the queue: nothing typed meanwhile is lost, nor the cursor. */
function useEditorOfNew() {
  const [round, setRound] = useState(0);
  const [born, setBorn] = useState<{ id: string; key: string } | null>(null);
  const fresh = `${NEW}.${round}`;
  return {
    begin: () => setRound(round + 1),
    made: (id: string) => setBorn({ id, key: fresh }),
    keyOf: (queue: string) => (queue === NEW ? fresh : queue === born?.id ? born.key : queue),
  };
}

interface Common {
  title: string;
  listLabel: string;
  toolsLabel: string;
  widths: { list: number; tools: number };
  list: ReactNode;
}

interface QueueStageProps {
  id: string;
  look: QueueLook;
  common: Common;
  onShow: (id: string | undefined) => void;
  onView: (view: QueueLook) => void;
}

function QueueStage({ id, look, common, onShow, onView }: QueueStageProps) {
  const work = useQueueWork(id);
  const name = useQueueView(id).data?.data.name ?? "";
  if (look === "members") return <Page {...common} stage={<MembersPart id={id} name={name} needed={work.form.needs.map(({ skill }) => skill)} onView={onView} />} />;
  if (look === "limits") return <Page {...common} toolsLabel={m.acd_alerts()} stage={<LimitsPart id={id} name={name} onView={onView} />} tools={<QueueAlerts id={id} />} />;
  return (
    <Page
      {...common}
      stage={<QueuePart id={id} work={work} onShow={onShow} onView={onView} />}
      tools={<Effect trial={work.trial} isDirty={work.kept !== null} />}
    />
  );
}

/** The switch distributes its queues itself; here stands what they are watched for. */
function LimitsStage({ queue, common }: { queue: QueueView; common: Common }) {
  return <Page {...common} toolsLabel={m.acd_alerts()} stage={<LimitsPart id={queue.id} name={queue.name} onView={null} />} tools={<QueueAlerts id={queue.id} />} />;
}

function CommonPart({ part, common }: { part: Part; common: Common }) {
  if (part === "rules") return <Rules common={common} />;
  if (part === "hours") return <Hours common={common} />;
  if (part === "blocks") return <Blocks common={common} />;
  if (part === "forms") return <Forms common={common} />;
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

function Forms({ common }: { common: Common }) {
  const forms = useWhole<CallbackForm>("/v1/callback_forms", "callback_forms", { tries: false });
  const [open, setOpen] = useState<number | null>(null);
  const shown = open === null ? undefined : forms.items[open];
  return <Page {...common} toolsLabel={m.acd_form_preview()} stage={<FormsPart forms={forms} open={open} onOpen={setOpen} />} tools={<FormPreview key={shown?.key ?? ""} forms={forms} shown={shown} />} />;
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
    { id: "forms", name: m.acd_forms(), note: m.acd_forms_short(), icon: <PhoneForwarded aria-hidden /> },
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
