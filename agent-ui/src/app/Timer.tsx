import { duration } from "../domain/format";
import { useNow } from "./hooks";

export type TimerProps = { since: string | number; until?: never } | { until: string | number; since?: never };

const at = (time: string | number): number => (typeof time === "number" ? time : Date.parse(time));

/** Time since or until a moment, by the server's clock. Silent for screen readers. */
export function Timer({ since, until }: TimerProps) {
  const now = useNow();
  const ms = since !== undefined ? now - at(since) : at(until) - now;
  return (
    <time aria-live="off" className="timer">
      {duration(ms)}
    </time>
  );
}
