import { OctagonAlert, TriangleAlert } from "lucide-react";
import { duration } from "../domain/format";
import { toneOf } from "../domain/limits";
import { m } from "../i18n/generated/messages.js";
import { useNow } from "./hooks";
import css from "./LimitTimer.module.css";

/** Time since a moment, marked once it is longer than it may be: a triangle, from the double on an octagon. */
export function LimitTimer({ since, limitMs }: { since: string; limitMs: number | null }) {
  const ms = useNow() - Date.parse(since);
  const tone = toneOf(ms, limitMs);
  const Icon = tone === "bad" ? OctagonAlert : TriangleAlert;
  return (
    <time aria-live="off" className={css.timer} data-tone={tone ?? undefined}>
      {tone !== null && <Icon role="img" aria-label={m.over_limit()} />}
      {duration(ms)}
    </time>
  );
}
