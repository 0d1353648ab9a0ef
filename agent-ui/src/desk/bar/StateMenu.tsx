import { type ReactNode, useEffect, useState } from "react";
import { useReasons } from "../../app/hooks";
import { Timer } from "../../app/Timer";
import { isAtWork, keepsWishes } from "../../domain/agent";
import { type Reason, reasonName } from "../../domain/reasons";
import { pauseLook } from "../../domain/states";
import { m } from "../../i18n/generated/messages.js";
import type { AgentView } from "../../live/frames";
import { MenuItem, MenuLine, MenuPanel, MenuSection, type PanelOfButton } from "../../ui/Menu/Menu";
import { StateMark } from "../../ui/StateMark/StateMark";

const AFTER_CALL = "after_call";

interface StateMenuProps extends PanelOfButton {
  agent: AgentView;
  /** Whose states they are. */
  label: string;
  /** Gets `ready`, `logged_out` or `pause:KEY`, and whether it waits for the end of the present work. */
  onPick: (choice: string, isForLater: boolean) => void;
  /** Above the states, where the menu holds more. */
  title?: string;
  /** Items of others before the states; what is picked of them goes to `onOther`. */
  before?: ReactNode;
  onOther?: (key: string) => void;
  /** Why no state may be set. */
  blocked?: string | null;
}

/** What an agent can be, now or after the present call. */
export function StateMenu({ agent, label, onPick, title, before, onOther, blocked = null, ...panel }: StateMenuProps) {
  const reasons = useReasons();
  const [waits, setWaits] = useState(true);
  // Each time it opens, a call goes before the wish.
  useEffect(() => setWaits(true), [panel.isOpen]);
  const canWait = keepsWishes(agent) && blocked === null;
  const atWork = isAtWork(agent);
  const pick = (key: string) => {
    if (key === AFTER_CALL) return;
    if (/^(?:ready|logged_out|pause:.+)$/.test(key)) onPick(key, canWait && atWork && waits);
    else onOther?.(key);
  };
  const isDisabled = blocked !== null;
  const ready = (
    <MenuItem id="ready" isDisabled={isDisabled} icon={<StateMark state="ready" />} {...(blocked === null ? {} : { note: blocked })} {...(before === undefined ? { kbd: "Alt ⇧ R" } : {})}>
      {m.state_ready()}
    </MenuItem>
  );
  return (
    <MenuPanel {...panel} aria-label={label} onAction={(key) => pick(String(key))}>
      {before}
      {title === undefined ? ready : <MenuSection title={title}>{ready}</MenuSection>}
      <MenuSection title={m.state_menu_pauses()}>
        {reasons.filter((reason) => reason.isActive && !reason.isBySystem).map((reason) => (
          <MenuItem key={reason.key} id={`pause:${reason.key}`} isDisabled={isDisabled} icon={<StateMark state={pauseLook(reason.key, reasons)} />} {...markOf(reason)} aside={<Minutes reason={reason} agent={agent} />}>
            {reasonName(reason)}
          </MenuItem>
        ))}
      </MenuSection>
      {canWait && (
        <MenuSection label={m.state_when()} selectionMode="multiple" selectedKeys={atWork && waits ? [AFTER_CALL] : []} onSelectionChange={(keys) => setWaits(keys === "all" || keys.has(AFTER_CALL))}>
          <MenuItem id={AFTER_CALL} shouldCloseOnSelect={false} isDisabled={!atWork} {...(atWork ? {} : { note: m.state_after_call_none() })}>
            {m.state_after_call()}
          </MenuItem>
        </MenuSection>
      )}
      <MenuLine />
      <MenuItem id="logged_out" isDisabled={isDisabled} icon={<StateMark state="logged_out" />}>
        {m.state_log_out()}
      </MenuItem>
    </MenuPanel>
  );
}

/** What its colour says, in a word. */
function markOf({ paid, productive }: Reason): { note?: string } {
  if (productive) return { note: m.state_counts_as_work() };
  return paid ? {} : { note: m.state_unpaid() };
}

/** How long it may last; for the present pause also how long it has. */
function Minutes({ reason, agent }: { reason: Reason; agent: AgentView }) {
  const limit = reason.limitMin;
  const isNow = agent.state.effective === "paused" && agent.state.reason === reason.key;
  if (!isNow) return limit === null ? null : <>{m.state_minutes({ count: limit })}</>;
  return <><Timer since={agent.state.since} />{limit !== null && ` / ${m.state_minutes({ count: limit })}`}</>;
}
