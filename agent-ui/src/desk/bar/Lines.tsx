import { TriangleAlert } from "lucide-react";
import { useAgentOfMe, useLive, useMyDevice, useNow } from "../../app/hooks";
import { stepWords } from "../../domain/can";
import { duration } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { currentLine, type Line, shownLines } from "./lines";
import { useBarParts } from "./useBarParts";
import { WrapUpLine } from "./WrapUpLine";
import css from "./Lines.module.css";

/** The place of the calls: it is there with and without one. */
export function Lines({ lines }: { lines: readonly Line[] }) {
  const agent = useAgentOfMe();
  const parts = useBarParts();
  const shown = shownLines(lines);
  const current = currentLine(lines);
  const isWrapUp = agent?.state.effective === "wrap_up" && lines.length === 0;
  if (isWrapUp) return <div className={css.lines}><WrapUpLine agent={agent} /></div>;
  if (shown.length === 0) return <div className={css.lines}><Nothing /></div>;
  return (
    <div className={css.lines} data-count={shown.length}>
      {parts && shown.map((line) => (
        <parts.LineCard key={line.call.id} line={line} isCurrent={line === current} hasOther={lines.length > 1} />
      ))}
      {lines.length > shown.length && <span className={css.rest}>{m.bar_more_calls({ count: lines.length - shown.length })}</span>}
    </div>
  );
}

/** Without a call: that there is none, or why none can come, or how far dialling is. */
function Nothing() {
  const phase = useLive((state) => state.connection.phase);
  const device = useMyDevice();
  const down = useLive((state) => [...state.parts.links.items.values()].find((link) => link.state !== "up" && (device === undefined || device.switch === link.switch)));
  const dialling = useLive((state) => state.commands.get("make_call"));
  if (phase === "waiting" || (phase === "connecting" && down !== undefined)) return <ServerLost />;
  if (phase === "open" && down !== undefined && down.state !== "never") return <LinkLost since={Date.parse(down.since)} />;
  if (dialling?.isPending) {
    const step = dialling.steps.at(-1)?.step ?? "accepted";
    return <p className={css.none} role="status">{stepWords(step)}</p>;
  }
  return <p className={css.none}>{m.bar_no_call()}</p>;
}

function LinkLost({ since }: { since: number }) {
  const now = useNow();
  return (
    <p className={css.lost} data-tone="warn">
      <TriangleAlert aria-hidden />
      <span>
        <strong>{m.bar_link_lost({ time: duration(now - since) })}</strong> {m.bar_link_lost_text()}
      </span>
    </p>
  );
}

function ServerLost() {
  const connection = useLive((state) => state.connection);
  useNow();
  return (
    <p className={css.lost} data-tone="warn">
      <TriangleAlert aria-hidden />
      <span>
        <strong>{m.bar_server_lost({ time: duration(Date.now() - connection.since) })}</strong> {m.bar_link_lost_text()} {m.bar_reconnecting({ count: connection.attempt })}
      </span>
    </p>
  );
}
