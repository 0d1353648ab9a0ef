import { useNow } from "../../app/hooks";
import { duration } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import type { LinkView, SwitchView } from "../../api/types";
import { lightOf } from "./links";
import css from "./setup.module.css";

/** How old the last event of a link is, or since when it fails. */
export function LinkAge({ view, link }: { view: SwitchView; link: LinkView | undefined }) {
  const now = useNow();
  const light = lightOf(view, link);
  const age = (at: string | undefined) => (at === undefined ? "–" : duration(now - Date.parse(at)));
  const words = light === "off" ? m.admin_link_off() : light === "up" ? m.admin_link_last_event() : link?.state === "never" ? m.admin_link_never() : m.admin_link_failing();
  const since = light === "up" ? link?.last_event_at : link?.since;
  return (
    <span className={css.age} data-tone={light === "failing" ? "warn" : "off"}>
      <span>{words}</span>
      {light !== "off" && <span className={css.ageTime}>{age(since)}</span>}
    </span>
  );
}
