import { X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useReasons } from "../../app/hooks";
import { Timer } from "../../app/Timer";
import { isAtWork, keepsWishes, pendingOf } from "../../domain/agent";
import { reasonName, type ReasonView } from "../../domain/reasons";
import { choiceWord, pauseLook } from "../../domain/states";
import { m } from "../../i18n/generated/messages.js";
import type { AgentView } from "../../live/frames";
import { MenuItem, MenuLine, MenuPanel, MenuSection, type PanelOfButton } from "../../ui/Menu/Menu";
import { StateMark } from "../../ui/StateMark/StateMark";

const AFTER_CALL = "after_call";
const CANCEL_LATER = "cancel_later";

interface StateMenuProps extends PanelOfButton {
  agent: AgentView;
  /** Whose states they are. */
  label: string;
  /** Gets `ready`, `logged_out` or `pause:CODE`, and whether it waits for the end of the present work. */
  onPick: (choice: string, isForLater: boolean) => void;
  /** Takes back what was chosen for later. */
  onCancelLater: () => void;
  /** Above the states, where the menu holds more. */
  title?: string;
  /** Items of others before the states; what is picked of them goes to `onOther`. */
  before?: ReactNode;
  onOther?: (key: string) => void;
  /** Why no state may be set. */
  blocked?: string | null;
}

/** What an agent can be, now or after the present call. */
export function StateMenu({ agent, label, onPick, onCancelLater, title, before, onOther, blocked = null, ...panel }: StateMenuProps) {
  const reasons = useReasons();
  const [waits, setWaits] = useState(true);
  // Each time it opens, a call goes before the wish.
  useEffect(() => setWaits(true), [panel.isOpen]);
  const canWait = keepsWishes(agent) && blocked === null;
  const atWork = isAtWork(agent);
  const pick = (key: string) => {
    if (key === AFTER_CALL) return;
    if (key === CANCEL_LATER) onCancelLater();
    else if (/^(?:ready|logged_out|pause:.+)$/.test(key)) onPick(key, canWait && atWork && waits);
    else onOther?.(key);
  };
  const later = pendingOf(agent);
  const then = later === null ? null : choiceWord(later, reasons);
  const isDisabled = blocked !== null;
  const ready = (
    <MenuItem id="ready" isDisabled={isDisabled} icon={<StateMark state="ready" />} {...(blocked === null ? {} : { note: blocked })} {...(before === undefined ? { kbd: "Alt ⇧ R" } : {})}>
      {m.state_ready()}
    </MenuItem>
  );
  return (
    <MenuPanel {...panel} aria-label={label} onAction={(key) => pick(String(key))}>
      {before}
      {then !== null && <MenuItem id={CANCEL_LATER} isDisabled={isDisabled} icon={<X aria-hidden />}>{m.bar_then_cancel({ state: then })}</MenuItem>}
      {title === undefined ? ready : <MenuSection title={title}>{ready}</MenuSection>}
      <MenuSection title={m.state_menu_pauses()}>
        {reasons.filter((reason) => reason.active && !reason.by_system).map((reason) => (
          <MenuItem key={reason.code} id={`pause:${reason.code}`} isDisabled={isDisabled} icon={<StateMark state={pauseLook(reason.code, reasons)} />} aside={<Aside reason={reason} agent={agent} />}>
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
function markOf({ paid, productive }: ReasonView): string | null {
  if (productive) return m.state_counts_as_work();
  return paid ? null : m.state_unpaid();
}

/** What it counts as and how long it may last; of the present pause also how long it has. */
function Aside({ reason, agent }: { reason: ReasonView; agent: AgentView }) {
  const [mark, limit] = [markOf(reason), reason.max_minutes ?? null];
  const isNow = agent.state.effective === "paused" && agent.state.reason === reason.code;
  const words = [mark, limit === null ? null : m.state_minutes({ count: limit })].filter((one) => one !== null).join(" · ");
  return <>{isNow && <Timer since={agent.state.since} />}{isNow && words !== "" && " · "}{words}</>;
}
