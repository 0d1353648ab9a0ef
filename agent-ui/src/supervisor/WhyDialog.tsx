import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import { errorText } from "../domain/can";
import { durationOr } from "../domain/format";
import type { Tile, WaitingCaller } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Dialog } from "../ui/Dialog/Dialog";
import { InlineError } from "../ui/Message/Message";
import css from "./Live.module.css";

/** The account of the server changes by time alone, so it is asked again while it is read. */
const AGAIN_MS = 2_000;

interface Outlook {
  entry: string;
  expected_wait_ms?: number | null;
  why?: { by: string; members: { agent: string; reason: string }[] } | null;
}

function reasonWord(reason: string): string {
  const words: Record<string, () => string> = {
    chosen: m.live_why_chosen,
    signed_out: m.live_why_signed_out,
    paused: m.live_why_paused,
    busy: m.live_why_busy,
    wrap_up: m.live_why_wrap_up,
    unreachable: m.live_why_unreachable,
    reserved: m.live_why_reserved,
    skill: m.live_why_skill,
    group: m.live_why_group,
    ring: m.live_why_ring,
    tried: m.live_why_tried,
    other: m.live_why_other,
    behind: m.live_why_behind,
    no_way: m.live_why_no_way,
    resting: m.live_why_resting,
    not_dialable: m.live_why_not_dialable,
  };
  return words[reason]?.() ?? reason;
}

interface WhyDialogProps {
  caller: WaitingCaller;
  tiles: readonly Tile[];
  onClose: () => void;
}

/** Why a caller of our own queue waits: place, expected wait, and how each member stands to the call. */
export function WhyDialog({ caller, tiles, onClose }: WhyDialogProps) {
  const { data, error } = useQuery({
    queryKey: ["supervisor", "outlook", caller.queueId],
    queryFn: () => call<{ outlook?: Outlook[] }>("GET", `/v1/queues/${caller.queueId}/live`),
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
  return (
    <Dialog title={m.live_why({ who: caller.who })} isOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
      {error !== null && data === undefined ? <InlineError>{m.live_why_failed()}: {errorText(error)}</InlineError> : data !== undefined && <Account outlook={data.outlook ?? []} entry={caller.id} tiles={tiles} />}
    </Dialog>
  );
}

function Account({ outlook, entry, tiles }: { outlook: readonly Outlook[]; entry: string; tiles: readonly Tile[] }) {
  const at = outlook.findIndex((one) => one.entry === entry);
  const found = outlook[at];
  if (found === undefined) return <p>{m.live_why_gone()}</p>;
  const nameOf = (agent: string) => tiles.find(({ id }) => id === agent)?.name ?? "–";
  const members = found.why?.members ?? [];
  return (
    <>
      <dl className={css.details}>
        <dt>{m.live_why_place()}</dt><dd>{at + 1}</dd>
        <dt>{m.live_why_expected()}</dt><dd>{durationOr(found.expected_wait_ms)}</dd>
        {found.why && <><dt>{m.live_why_by()}</dt><dd><code>{found.why.by}</code></dd></>}
      </dl>
      {members.length > 0 && <ul className={css.standing}>{members.map(({ agent, reason }) => <li key={agent}><span>{nameOf(agent)}</span><span className={css.note}>{reasonWord(reason)}</span></li>)}</ul>}
    </>
  );
}
