import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { LimitTimer } from "../app/LimitTimer";
import { useLive } from "../app/hooks";
import { byLane, byTeam, type DayFigures, isInSpot, type Lane, LANES, type Spot, type Tile } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { StateMark } from "../ui/StateMark/StateMark";
import { Tile as TileBox, TileGrid } from "../ui/Tiles/Tiles";
import { laneLook, laneWord } from "./lanes";
import css from "./Live.module.css";

/** By state, people change their place at most so often. */
const REGROUP_EVERY_MS = 2_000;

interface AgentTilesProps {
  tiles: readonly Tile[];
  spot: Spot;
  day: ReadonlyMap<string, DayFigures> | null;
  /** The agent whose menu is open: nobody moves meanwhile. */
  isHeld: boolean;
  onAct: (agent: string, anchor: HTMLElement) => void;
}

/** The element of a tile: the menu stands beside it. */
const tileElement = (id: string): HTMLElement | null => document.querySelector(`[data-key="${CSS.escape(id)}"][role="row"]`);

const useAct = (onAct: AgentTilesProps["onAct"]) => (key: string | number) => {
  const anchor = tileElement(String(key));
  if (anchor !== null) onAct(String(key), anchor);
};

/** Teams below each other. Nobody moves: who is somewhere else now has another colour in the same place. */
export const TilesByTeam = memo(function TilesByTeam({ tiles, spot, day, onAct }: AgentTilesProps) {
  const teams = useMemo(() => byTeam(tiles), [tiles]);
  const act = useAct(onAct);
  return (
    <div className={css.teams}>
      {teams.map(({ team, tiles: people }, at) => {
        const name = team === null ? m.live_no_team() : m.live_team_of({ name: team });
        return (
          <section key={team ?? ""} aria-label={name}>
            <header className={css.group}>
              <h3 className={css.groupName}>{name}</h3>
              <span>{m.live_people({ count: people.length })}</span>
              {at === 0 && day !== null && <span className={css.legend}>{m.live_today()}</span>}
            </header>
            <TileGrid label={name} onAction={act}>
              {people.map((tile) => <AgentTile key={tile.id} tile={tile} isDim={!isInSpot(tile, spot)} day={day?.get(tile.id)} hasDay={day !== null} />)}
            </TileGrid>
          </section>
        );
      })}
    </div>
  );
});

const COLUMNS: readonly (readonly Lane[])[] = [["ready", "chatting", "ringing"], ["talking"], ["wrap_up", "pause", "trouble", "logged_out"]];

/** States beside each other. Who changes the state changes the place, though never under the pointer. */
export const TilesByState = memo(function TilesByState({ tiles, spot, day, isHeld, onAct }: AgentTilesProps) {
  const [isOver, setOver] = useState(false);
  const lanes = useLanes(tiles, isOver || isHeld);
  const act = useAct(onAct);
  const known = useMemo(() => new Map(tiles.map((tile) => [tile.id, tile])), [tiles]);
  const box = useRef<HTMLDivElement>(null);
  useFocusThatMoves(box, lanes);
  return (
    <div ref={box} className={css.lanes} onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)}>
      {COLUMNS.map((column) => (
        <div key={column[0]} className={css.lane}>
          {column.flatMap((lane) => lanes.filter((one) => one.lane === lane)).map(({ lane, ids }) => (
            <section key={lane} aria-label={laneWord(lane)}>
              <header className={css.group} data-state={laneLook(lane)}>
                <StateMark state={laneLook(lane)} size={16} />
                <h3 className={css.groupName}>{laneWord(lane)}</h3>
                <span>{ids.length}</span>
              </header>
              <TileGrid label={laneWord(lane)} look="column" onAction={act}>
                {ids.flatMap((id) => known.get(id) ?? []).map((tile) => <AgentTile key={tile.id} tile={tile} isFlat isDim={!isInSpot(tile, spot)} day={day?.get(tile.id)} hasDay={day !== null} />)}
              </TileGrid>
            </section>
          ))}
        </div>
      ))}
    </div>
  );
});

/** Who stands where; it follows the states at most every two seconds, and not while it is held. */
function useLanes(tiles: readonly Tile[], isHeld: boolean): { lane: Lane; ids: string[] }[] {
  const fresh = byLane(tiles).map(({ lane, ids }) => `${lane} ${ids.join(" ")}`).join("\n");
  const [shown, setShown] = useState(fresh);
  const changedAt = useRef(0);
  useEffect(() => {
    if (fresh === shown || isHeld) return;
    const timer = setTimeout(() => {
      changedAt.current = Date.now();
      setShown(fresh);
    }, Math.max(0, changedAt.current + REGROUP_EVERY_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [fresh, shown, isHeld]);
  return useMemo(() => shown.split("\n").flatMap((line) => {
    const [lane, ...ids] = line.split(" ");
    const known = LANES.find((one) => one === lane);
    return known === undefined ? [] : [{ lane: known, ids }];
  }), [shown]);
}

/** A tile that had the focus and changed its place has it there. */
function useFocusThatMoves(box: React.RefObject<HTMLElement | null>, lanes: unknown): void {
  const last = useRef<string | null>(null);
  useEffect(() => {
    const note = (event: FocusEvent) => {
      const row = event.target instanceof Element ? event.target.closest("[data-key]") : null;
      last.current = row !== null && box.current?.contains(row) ? row.getAttribute("data-key") : null;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [box]);
  useEffect(() => {
    if (last.current !== null && document.activeElement === document.body) tileElement(last.current)?.focus({ preventScroll: true });
  }, [lanes]);
}

interface AgentTileProps {
  tile: Tile;
  isDim: boolean;
  isFlat?: boolean;
  day: DayFigures | undefined;
  hasDay: boolean;
}

function AgentTile({ tile, isDim, isFlat = false, day, hasDay }: AgentTileProps) {
  const meta = [isFlat ? null : tile.number, tile.about, tile.later === null ? null : m.bar_then({ state: tile.later })].filter((one) => one !== null).join(" · ");
  return (
    <TileBox
      id={tile.id}
      text={`${tile.name}, ${tile.word}`}
      look={tile.look}
      isUnreachable={tile.isUnreachable}
      isDim={isDim}
      isFlat={isFlat}
      name={tile.name}
      nameNote={isFlat ? tile.number : null}
      time={tile.lane === "logged_out" ? "–" : <Since tile={tile} />}
      word={shortWord(tile)}
      figures={hasDay && <Today day={day} />}
      meta={meta}
    />
  );
}

/** The kinds of talk in words that fit a tile; the tile's name says them in full. */
function shortWord({ look, word, isUnreachable }: Tile): string {
  if (isUnreachable) return word;
  return look === "talking" ? m.live_word_talking() : look === "talking_direct" ? m.live_word_direct() : word;
}

function Since({ tile }: { tile: Tile }): ReactNode {
  const isOpen = useLive((state) => state.connection.phase === "open");
  // What is not told any more does not tick on as if it were.
  return isOpen ? <LimitTimer since={tile.since} limitMs={tile.limitMs} /> : "–";
}

function Today({ day }: { day: DayFigures | undefined }) {
  const { answered, made } = day ?? { answered: 0, made: 0 };
  return (
    <>
      <span aria-hidden>{answered} / {made}</span>
      <span className="visually-hidden">{m.live_today_of({ answered, made })}</span>
    </>
  );
}
