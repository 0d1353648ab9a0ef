import { useQuery } from "@tanstack/react-query";
import { useAgentOfMe, useRights } from "../app/hooks";
import { Page } from "../app/Page";
import { showTools } from "../admin/parts/showTools";
import { useSearchText } from "../admin/parts/useSearchText";
import { m } from "../i18n/generated/messages.js";
import { Pane } from "../ui/Pane/Pane";
import { Segments } from "../ui/Segments/Segments";
import { CallbackList } from "./CallbackList";
import { Details } from "./Details";
import { missedQuery, watched, workQuery } from "./data";
import { MissedDetails, MissedList } from "./Missed";
import { NoticeSwitch } from "./NoticeSwitch";
import { PlanCallback } from "./PlanCallback";
import css from "./work.module.css";

/** What customers still wait for: callbacks of mine and of my queues, and missed calls that somebody must care for. */
export function CallbacksPage() {
  const { has } = useRights();
  const [place, goTo] = useSearchText("part", "id", "whose", "queue");
  const seesWork = has("callback.work");
  const part = place.part === "missed" || !seesWork ? "missed" : "callbacks";
  const work = useQuery({ ...workQuery, ...watched, enabled: seesWork });
  const missed = useQuery({ ...missedQuery, ...watched, enabled: has("missed.work") });
  const me = useAgentOfMe()?.id;
  const choose = (id: string) => {
    goTo({ id });
    showTools();
  };
  const open = missed.data?.filter(({ state }) => state !== "resolved").length;
  const parts = [
    ...(seesWork ? [{ id: "callbacks" as const, label: named(m.work_callbacks(), work.data?.length) }] : []),
    ...(has("missed.work") ? [{ id: "missed" as const, label: named(m.work_missed(), open) }] : []),
  ];
  const chosen = part === "callbacks" ? work.data?.find(({ id }) => id === place.id) : undefined;
  const lost = part === "missed" ? missed.data?.find(({ call }) => call === place.id) : undefined;
  return (
    <Page
      title={part === "missed" ? m.work_missed() : m.work_callbacks()}
      toolsLabel={m.work_details()}
      widths={{ tools: 400 }}
      stage={(
        <Pane
          title={m.work_title()}
          head="admin"
          actions={part === "callbacks" ? <PlanCallback onPlanned={(id) => goTo({ id })} /> : undefined}
          toolbar={<div className={css.bar}><Segments label={m.work_title()} options={parts} value={part} onChange={(next) => goTo({ part: next === "missed" ? next : undefined, id: undefined })} />{part === "missed" && <NoticeSwitch />}</div>}
        >
          {part === "callbacks"
            ? <CallbackList query={work} me={me} whose={place.whose === "mine" ? "mine" : "all"} queue={place.queue ?? null} chosen={place.id} onChoose={choose} onNarrow={goTo} />
            : <MissedList query={missed} chosen={place.id} onChoose={choose} />}
        </Pane>
      )}
      tools={part === "callbacks" ? <Details key={chosen?.id ?? ""} one={chosen} /> : <MissedDetails key={lost?.call ?? ""} one={lost} />}
    />
  );
}

const named = (word: string, count: number | undefined): string => (count === undefined ? word : `${word} ${count}`);
