import { useRef, useState } from "react";
import { duration } from "../../domain/format";
import { useLive, useLiveClient, useNow } from "../../app/hooks";
import { useOnline } from "../../app/online";
import { m } from "../../i18n/generated/messages.js";
import { type Hop, type HopState, hopsOf, worstOf } from "../../live/links";
import { Button } from "../../ui/Button/Button";
import { LinkLight } from "../../ui/StateMark/StateMark";
import { opens } from "./opens";
import { useBarParts } from "./useBarParts";
import css from "./LinkLights.module.css";

/** Three lights: this computer, the server, the PBX. A press shows each hop with its last sign of life. */
export function LinkLights() {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const parts = useBarParts();
  const isOnline = useOnline();
  // The lights only change with the words; ages are counted in the popover.
  const words = useLive((state) => hopsOf(state, isOnline).map((hop) => `${hop.id}|${hop.name ?? ""}|${hop.state}`).join("\n"));
  const hops = words.split("\n").map(readHop);
  const [browser, server, ...switches] = hops;
  const lights: [string, HopState][] = [
    [m.hop_browser(), browser?.state ?? "off"],
    [m.hop_server(), server?.state ?? "off"],
    [m.hop_pbx(), worstOf(switches)],
  ];
  const summary = lights.map(([name, state]) => m.hop_summary({ name, state: stateWord(state) })).join(", ");
  return (
    <div className={css.lights}>
      <Button ref={button} kind="quiet" aria-label={`${m.bar_links()}. ${summary}`} {...opens("dialog", isOpen, setOpen)}>
        <span className={css.row} aria-hidden>
          {lights.map(([name, state]) => (
            <LinkLight key={name} state={state} />
          ))}
        </span>
      </Button>
      {parts && <parts.PopoverPanel label={m.bar_links()} button={button} isOpen={isOpen} onOpenChange={setOpen}><Hops /></parts.PopoverPanel>}
    </div>
  );
}

function readHop(text: string): Pick<Hop, "id" | "name" | "state"> {
  const [id = "", name = "", state = "off"] = text.split("|");
  return { id, name, state: state === "up" || state === "failing" ? state : "off" };
}

function stateWord(state: HopState): string {
  return state === "up" ? m.hop_up() : state === "failing" ? m.hop_failing() : m.hop_off();
}

function Hops() {
  const live = useLiveClient();
  const isOnline = useOnline();
  const state = useLive((now) => ({ connection: now.connection, links: now.parts.links }));
  const now = useNow();
  const hops = hopsOf(live.getState(), isOnline);
  const { phase } = state.connection;
  return (
    <div className={css.hops}>
      <ul>
        {hops.map((hop) => (
          <HopRow key={hop.id} hop={hop} now={hop.id === "server" ? Date.now() : now} />
        ))}
        {hops.length === 2 && <li className={css.hop}><LinkLight state="off" /><span>{phase === "open" ? m.hop_none() : m.hop_pbx()}</span><span className={css.note}>{phase === "open" ? "" : m.hop_unknown()}</span></li>}
      </ul>
      {phase === "off" ? (
        <Button kind="primary" wide onPress={live.connect}>{m.link_connect()}</Button>
      ) : (
        <Button wide onPress={live.disconnect}>{m.link_disconnect()}</Button>
      )}
    </div>
  );
}

function HopRow({ hop, now }: { hop: Hop; now: number }) {
  const name = hop.id === "browser" ? m.hop_browser() : hop.id === "server" ? m.hop_server() : (hop.name ?? hop.id);
  const last = hop.id === "browser" ? "" : hop.lastEventAt === null ? m.hop_never() : m.hop_last({ time: duration(now - hop.lastEventAt) });
  return (
    <li className={css.hop}>
      <LinkLight state={hop.state} />
      <span className="truncate">{name}</span>
      <span className={css.note}>{stateWord(hop.state)}</span>
      {last !== "" && <span className={css.last}>{last}</span>}
      {hop.reason !== null && hop.state === "failing" && hop.id !== "server" && hop.id !== "browser" && <span className={css.last}>{hop.reason}</span>}
    </li>
  );
}
