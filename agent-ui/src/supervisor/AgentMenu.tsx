import { Ear, Info, MessageCircle, Phone, PhoneOff, Users } from "lucide-react";
import type { RefObject } from "react";
import { useCommand, useMe, useRights } from "../app/hooks";
import type { Tile } from "../domain/supervisor";
import { useAgentWork } from "../desk/bar/useAgentWork";
import { StateMenu } from "../desk/bar/StateMenu";
import { m } from "../i18n/generated/messages.js";
import { MenuItem, MenuSection } from "../ui/Menu/Menu";
import type { Listening } from "./useListening";

interface AgentMenuProps {
  tile: Tile;
  listening: Listening;
  /** What was pressed. */
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  onDetails: (agent: string) => void;
}

/** What can be done about one agent: call, look closer, set the state where the right is there. */
export function AgentMenu({ tile, listening, anchor, onClose, onDetails }: AgentMenuProps) {
  const { agent, number } = tile;
  const me = useMe();
  const { has } = useRights();
  const state = useCommand(`set_agent_state:${agent.id}`);
  const dial = useCommand(`make_call:${agent.id}`);
  const work = useAgentWork(agent);
  const mayWrite = has("agent.state.write.team") || (agent.user === me.user && has("agent.state.write"));
  const pick = (choice: string, isForLater: boolean) => {
    const reason = choice.startsWith("pause:") ? choice.slice("pause:".length) : null;
    const wish = reason === null ? choice : "paused";
    if (isForLater) void work.chooseLater(wish, reason);
    else void state.run("set_agent_state", { agent_id: agent.id, state: wish, ...(reason === null ? {} : { reason }) });
  };
  const other = (key: string) => {
    if (key === "details") onDetails(agent.id);
    const { call } = agent.state;
    if ((key === "listen" || key === "whisper" || key === "barge_in") && call) listening.listen(call, key);
    if (key === "listen_end") listening.end();
    if (key === "call" && number !== null) void dial.run("make_call", { to: number });
  };
  return (
    <StateMenu
      agent={agent}
      label={m.live_actions({ name: tile.name })}
      title={m.live_set_state()}
      blocked={mayWrite ? null : m.live_set_state_why()}
      before={(
        <>
          <MenuItem id="details" icon={<Info aria-hidden />}>{m.live_details()}</MenuItem>
          <MenuItem id="call" icon={<Phone aria-hidden />} isDisabled={number === null || agent.user === me.user || !has("call.command")} {...(number === null ? {} : { aside: number })}>{m.live_call()}</MenuItem>
          {listening.mayListen && agent.user !== me.user && listenItems(tile, listening)}
        </>
      )}
      onOther={other}
      button={anchor}
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      onPick={pick}
      onCancelLater={() => void work.cancelLater()}
    />
  );
}

/** Ways to hear the talk of an agent; the present one cannot be chosen again. */
function listenItems({ agent, name }: Tile, { hearing, hasPhone, isPending }: Listening) {
  const call = agent.state.effective === "talking" ? agent.state.call : null;
  const why = hasPhone ? m.live_listen_none() : m.live_listen_phone();
  const isBlocked = !call || !hasPhone;
  const here = hearing !== null && hearing.call === call ? hearing : null;
  const isOff = (mode: string) => isBlocked || isPending || here?.mode === mode;
  return (
    <MenuSection title={m.live_listen()}>
      <MenuItem id="listen" icon={<Ear aria-hidden />} isDisabled={isOff("listen")} {...(isBlocked ? { note: why } : {})}>{m.live_listen_start()}</MenuItem>
      <MenuItem id="whisper" icon={<MessageCircle aria-hidden />} isDisabled={isOff("whisper")} note={m.live_whisper_note({ name })}>{m.live_whisper()}</MenuItem>
      <MenuItem id="barge_in" icon={<Users aria-hidden />} isDisabled={isOff("barge_in")} note={m.live_barge_note()}>{m.live_barge()}</MenuItem>
      {here !== null && <MenuItem id="listen_end" icon={<PhoneOff aria-hidden />} isDisabled={isPending}>{m.live_listen_end()}</MenuItem>}
    </MenuSection>
  );
}
