import { Info, Phone } from "lucide-react";
import type { RefObject } from "react";
import { useCommand, useMe, useRights } from "../app/hooks";
import type { Tile } from "../domain/supervisor";
import { useAgentWork } from "../desk/bar/useAgentWork";
import { StateMenu } from "../desk/bar/StateMenu";
import { m } from "../i18n/generated/messages.js";
import { MenuItem } from "../ui/Menu/Menu";

interface AgentMenuProps {
  tile: Tile;
  /** What was pressed. */
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  onDetails: (agent: string) => void;
}

/** What can be done about one agent: call, look closer, set the state where the right is there. */
export function AgentMenu({ tile, anchor, onClose, onDetails }: AgentMenuProps) {
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
