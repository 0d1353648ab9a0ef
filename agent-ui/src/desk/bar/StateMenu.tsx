import { useReasons } from "../../app/hooks";
import { labelOf } from "../../domain/locale";
import { pauseLook } from "../../domain/states";
import { m } from "../../i18n/generated/messages.js";
import { MenuItem, MenuLine, MenuPanel, MenuSection, type PanelOfButton } from "../../ui/Menu/Menu";
import { StateMark } from "../../ui/StateMark/StateMark";

/** What I can be; `onPick` gets `ready`, `logged_out` or `pause:CODE`. */
export function StateMenu({ onPick, ...panel }: PanelOfButton & { onPick: (choice: string) => void }) {
  const reasons = useReasons();
  return (
    <MenuPanel {...panel} aria-label={m.state_menu()} onAction={(key) => onPick(String(key))}>
      <MenuItem id="ready" icon={<StateMark state="ready" />} kbd="Alt ⇧ R">
        {m.state_ready()}
      </MenuItem>
      <MenuSection title={m.state_menu_pauses()}>
        {reasons.filter((reason) => reason.active && !reason.by_system).map((reason) => (
          <MenuItem key={reason.code} id={`pause:${reason.code}`} icon={<StateMark state={pauseLook(reason)} />} {...(reason.max_minutes ? { aside: m.state_minutes({ count: reason.max_minutes }) } : {})}>
            {labelOf(reason.labels, reason.code)}
          </MenuItem>
        ))}
      </MenuSection>
      <MenuLine />
      <MenuItem id="logged_out" icon={<StateMark state="logged_out" />}>
        {m.state_log_out()}
      </MenuItem>
    </MenuPanel>
  );
}
