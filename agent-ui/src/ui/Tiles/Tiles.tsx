import type { ReactNode } from "react";
import { GridList, GridListItem, type GridListProps } from "react-aria-components";
import { StateMark, type StateLook } from "../StateMark/StateMark";
import css from "./Tiles.module.css";

export interface TileGridProps<T extends object> extends Omit<GridListProps<T>, "className" | "style" | "aria-label" | "layout" | "selectionMode"> {
  label: string;
  /** `grid` fills its width, `column` has one tile in a row. */
  look?: "grid" | "column";
}

/** People as tiles: arrows move from one to the next in both directions, Enter acts. */
export function TileGrid<T extends object>({ label, look = "grid", ...rest }: TileGridProps<T>) {
  return <GridList<T> {...rest} aria-label={label} layout={look === "grid" ? "grid" : "stack"} className={css.grid ?? ""} data-look={look} />;
}

export interface TileProps {
  id: string;
  /** Name and state, for who hears them. */
  text: string;
  look: StateLook;
  isUnreachable?: boolean;
  /** Not what is looked for now: it keeps its place and its words, without colour. */
  isDim?: boolean;
  name: string;
  /** Beside the name: the number, on flat tiles. */
  nameNote?: string | null;
  /** Right of the name: how long. */
  time: ReactNode;
  word: string;
  /** Right of the state: figures of the day. */
  figures?: ReactNode;
  /** Below, or behind the state on flat tiles: number, queue. */
  meta?: string;
  /** Two lines instead of three. */
  isFlat?: boolean;
}

/** One person: disc, name, state and time. Tinted only when somebody is wanted: offered, ringing, not answering. */
export function Tile({ id, text, look, isUnreachable = false, isDim = false, name, nameNote, time, word, figures, meta, isFlat = false }: TileProps) {
  return (
    <GridListItem id={id} textValue={text} className={css.tile ?? ""} data-state={isDim ? "logged_out" : look} data-look={look} data-dim={isDim || undefined} data-unreachable={isUnreachable || undefined}>
      <span className={css.mark}><StateMark state={isDim ? "logged_out" : look} unreachable={isUnreachable && !isDim} /></span>
      <span className={css.name}><span className="truncate">{name}</span>{nameNote && <span className={css.note}>{nameNote}</span>}</span>
      <span className={css.time}>{time}</span>
      <span className={css.state}><span className={css.word}>{word}</span>{isFlat && meta && <span className={css.about}>· {meta}</span>}</span>
      <span className={css.figures}>{figures}</span>
      {!isFlat && <span className={css.meta}>{meta}</span>}
    </GridListItem>
  );
}
