import { Users } from "lucide-react";
import { useCallback, useMemo, useRef, useState } from "react";
import { useLive, useMe, useRights } from "../app/hooks";
import { useMedia } from "../app/media";
import { Page } from "../app/Page";
import type { Limits } from "../domain/alerts";
import { clockWithSeconds } from "../domain/format";
import { countLanes, type Lane, lanesOf, liveCalls, projectFigures, type ProjectFigures, type Spot } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Counters } from "../ui/Counters/Counters";
import { Empty, ErrorPane, Skeleton } from "../ui/Empty/Empty";
import { SearchField } from "../ui/Field/Field";
import { Button } from "../ui/Button/Button";
import { Pane } from "../ui/Pane/Pane";
import { Segments } from "../ui/Segments/Segments";
import { AgentDetails } from "./AgentDetails";
import { AgentMenu } from "./AgentMenu";
import { TilesByState, TilesByTeam } from "./AgentTiles";
import { AlertList } from "./AlertList";
import { CallTable } from "./CallTable";
import { type Day, type Picture, useDay, useLiveCalls, usePicture, useTargets } from "./data";
import { laneLook, laneWord } from "./lanes";
import { saveLimits, useLimits } from "./limits";
import { LimitsDialog } from "./LimitsDialog";
import { ProjectTable, QueueOverview, QueueTable } from "./Queues";
import { ListenBar } from "./ListenBar";
import { useListening } from "./useListening";
import { Waiting } from "./Waiting";
import css from "./Live.module.css";

type View = "team" | "state" | "calls" | "queues";

/** Who does what at this moment: people, calls, queues, and what wants somebody. */
export function LivePage() {
  const me = useMe();
  const limits = useLimits(me.user ?? me.login);
  const live = useLiveCalls();
  const picture = usePicture(live.calls, limits.callMin * 60_000);
  const heard = useMemo(() => picture.tiles.flatMap(({ agent }) => (agent.state.call ? [agent.state.call] : [])), [picture.tiles]);
  const listening = useListening(heard);
  const day = useDay();
  const targetOf = useTargets(picture.queues);
  const [view, setView] = useState<View>("team");
  const [spot, setSpot] = useState<Spot>({ lane: null, queue: null, text: "" });
  const [project, setProject] = useState<string | null>(null);
  const projects = useMemo(() => projectFigures(picture.figures, day.queues === null ? null : (id) => day.queues?.get(id)?.abandoned ?? 0), [picture.figures, day.queues]);
  const among = useMemo(() => projects.find((one) => one.name === project)?.queues ?? null, [projects, project]);
  const seen = useMemo(() => (among === null ? picture : { ...picture, figures: picture.figures.filter(({ id }) => among.includes(id)), queues: picture.queues.filter(({ queue }) => among.includes(queue.id)) }), [picture, among]);
  const inProject = useMemo(() => ({ ...spot, among }), [spot, among]);
  const [acting, setActing] = useState<string | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const [isLimiting, setLimiting] = useState(false);
  const anchor = useRef<HTMLElement | null>(null);
  const act = useCallback((agent: string, element: HTMLElement) => {
    anchor.current = element;
    setActing(agent);
  }, []);
  const onQueue = useCallback((queue: string) => setSpot((now) => ({ ...now, queue: now.queue === queue ? null : queue })), []);
  const onProject = useCallback((name: string) => {
    setProject((now) => (now === name ? null : name));
    setSpot((now) => ({ ...now, queue: null }));
  }, []);
  const showMembers = useCallback((queue: string) => {
    setSpot((now) => ({ ...now, queue }));
    setView((now) => (now === "state" ? now : "team"));
  }, []);
  const tileOf = (id: string | null) => (id === null ? undefined : picture.tiles.find((tile) => tile.id === id));
  const [actor, detailed] = [tileOf(acting), tileOf(shown)];
  return (
    <Page
      title={m.live_title()}
      widths={{ tools: 408 }}
      toolsLabel={m.live_side()}
      stage={(
        <>
          <ListenBar listening={listening} tiles={picture.tiles} />
          <Stage view={view} onView={setView} spot={inProject} onSpot={setSpot} picture={seen} day={day} targetOf={targetOf} live={live} limits={limits} isHeld={acting !== null} onAct={act} />
          {actor !== undefined && <AgentMenu tile={actor} listening={listening} anchor={anchor} onClose={() => setActing(null)} onDetails={setShown} />}
          {detailed !== undefined && <AgentDetails tile={detailed} queueName={picture.queueName} projectOf={picture.projectOf} hasProjects={projects.length > 0} onClose={() => setShown(null)} />}
          {isLimiting && <LimitsDialog limits={limits} queues={picture.figures} onSave={(next) => saveLimits(me.user ?? me.login, next)} onClose={() => setLimiting(false)} />}
        </>
      )}
      tools={<Side picture={seen} projects={projects} project={among === null ? null : project} onProject={onProject} day={day} targetOf={targetOf} limits={limits} queue={spot.queue} onQueue={onQueue} onMembers={showMembers} onAct={act} onOverview={() => setView("queues")} onLimits={() => setLimiting(true)} />}
    />
  );
}

interface StageProps {
  view: View;
  onView: (view: View) => void;
  spot: Spot;
  onSpot: (spot: Spot) => void;
  picture: Picture;
  day: Day;
  targetOf: (queue: string) => number | null;
  live: ReturnType<typeof useLiveCalls>;
  limits: Limits;
  isHeld: boolean;
  onAct: (agent: string, anchor: HTMLElement) => void;
}

function Stage({ view, onView, spot, onSpot, picture, day, targetOf, live, limits, isHeld, onAct }: StageProps) {
  const counts = useMemo(() => countLanes(picture.tiles), [picture.tiles]);
  const counters = lanesOf(picture.tiles.map(({ agent }) => agent)).map((lane) => ({ id: lane, look: laneLook(lane), word: laneWord(lane), count: counts[lane], wants: lane === "trouble" }));
  const views = [
    { id: "team", label: m.live_view_team() },
    { id: "state", label: m.live_view_state() },
    { id: "calls", label: m.live_view_calls() },
    { id: "queues", label: m.live_view_queues() },
  ] as const;
  const isSmall = useMedia("(max-width: 44.99rem)");
  const tools = (
    <>
      <span className={css.find}><SearchField aria-label={m.live_find()} placeholder={m.live_find()} value={spot.text} onChange={(text) => onSpot({ ...spot, text })} /></span>
      <Segments label={m.live_view()} options={views} value={view} onChange={onView} />
    </>
  );
  return (
    <Pane
      title={m.live_title()}
      note={<DataAge />}
      ground="canvas"
      {...(isSmall ? { toolbar: <div className={css.tools}>{tools}</div> } : { actions: tools })}
    >
      <Counters<Lane> label={m.live_lanes()} counters={counters} value={spot.lane} onChange={(lane) => onSpot({ ...spot, lane })} />
      <Shown view={view} spot={spot} picture={picture} day={day} targetOf={targetOf} live={live} limits={limits} isHeld={isHeld} onAct={onAct} />
    </Pane>
  );
}

function Shown({ view, spot, picture, day, targetOf, live, limits, isHeld, onAct }: Omit<StageProps, "onView" | "onSpot">) {
  const { tiles } = picture;
  if (view === "calls") return <Calls live={live} picture={picture} limits={limits} />;
  if (view === "queues") return <div className={css.paper}><QueueOverview figures={picture.figures} waitMs={limits.waitS * 1_000} days={day.queues} targetOf={targetOf} tiles={tiles} day={day.agents} /><p className={css.legend}>{m.live_queue_note()}</p></div>;
  if (tiles.length === 0) return picture.isReady ? <Empty icon={<Users />} title={m.live_no_agents()}>{m.live_no_agents_text()}</Empty> : <Skeleton label={m.connecting()} />;
  const Tiles = view === "team" ? TilesByTeam : TilesByState;
  return <Tiles tiles={tiles} spot={spot} day={day.agents} isHeld={isHeld} onAct={onAct} />;
}

function Calls({ live, picture, limits }: Pick<StageProps, "live" | "picture" | "limits">) {
  const { has } = useRights();
  const names = useMemo(() => new Map(picture.tiles.map((tile) => [tile.id, tile.name])), [picture.tiles]);
  const rows = useMemo(() => liveCalls(live.calls, (call) => (call.agent ? (names.get(call.agent) ?? null) : null), picture.queueName), [live.calls, names, picture.queueName]);
  if (!has("call.read")) return <Empty icon={<Users />} title={m.live_calls_forbidden()} />;
  if (live.error !== null) return <ErrorPane title={m.live_calls_failed()} actions={<Button kind="primary" onPress={live.retry}>{m.try_again()}</Button>}>{m.page_error_text()}</ErrorPane>;
  return <div className={css.paper}><CallTable calls={rows} limitMs={limits.callMin * 60_000} /></div>;
}

interface SideProps {
  picture: Picture;
  projects: readonly ProjectFigures[];
  project: string | null;
  onProject: (project: string) => void;
  day: Day;
  targetOf: (queue: string) => number | null;
  limits: Limits;
  queue: string | null;
  onQueue: (queue: string) => void;
  onMembers: (queue: string) => void;
  onAct: (agent: string, anchor: HTMLElement) => void;
  onOverview: () => void;
  onLimits: () => void;
}

function Side({ picture, projects, project, onProject, day, targetOf, limits, queue, onQueue, onMembers, onAct, onOverview, onLimits }: SideProps) {
  const waitMs = limits.waitS * 1_000;
  return (
    <div className={css.side}>
      <ProjectTable projects={projects} waitMs={waitMs} chosen={project} onChoose={onProject} />
      <QueueTable figures={picture.figures} waitMs={waitMs} days={day.queues} targetOf={targetOf} chosen={queue} onChoose={onQueue} onOverview={onOverview} />
      <AlertList tiles={picture.tiles} figures={picture.figures} limits={limits} onAct={onAct} onQueue={onMembers} onLimits={onLimits} />
      <Waiting queues={picture.queues} tiles={picture.tiles} waitMs={waitMs} />
    </div>
  );
}

/** How old the picture is: told by the second, or from when the connection broke. */
function DataAge() {
  const connection = useLive((state) => state.connection);
  if (connection.phase === "open") return m.live_now();
  return m.live_as_of({ time: clockWithSeconds(connection.heardAt ?? connection.since) });
}
