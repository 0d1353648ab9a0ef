import { Fragment } from "react";
import { m } from "../i18n/generated/messages.js";
import { Dialog } from "../ui/Dialog/Dialog";
import { Kbd } from "../ui/Kbd/Kbd";
import { shortcuts, useShortcutsOpen } from "./shortcuts";
import css from "./Shortcuts.module.css";

/** All shortcuts of the desk. */
export function ShortcutsSheet() {
  const isOpen = useShortcutsOpen();
  const rows: [string, string][] = [
    ["Alt ⇧ A", m.shortcut_answer()],
    ["Alt ⇧ H", m.shortcut_hold()],
    ["Alt ⇧ T", m.shortcut_transfer()],
    ["Alt ⇧ K", m.shortcut_clear()],
    ["Alt ⇧ R", m.shortcut_ready()],
    ["Alt ⇧ P", m.shortcut_pause()],
    ["Alt ⇧ W", m.shortcut_finish()],
    ["Alt ⇧ D", m.shortcut_dial()],
    ["Alt ⇧ 1", m.shortcut_call()],
    ["Enter", m.shortcut_enter()],
    ["↑", m.shortcut_up()],
    ["?", m.shortcut_help()],
  ];
  return (
    <Dialog title={m.shortcuts_title()} isOpen={isOpen} onOpenChange={shortcuts.set}>
      <dl className={css.list}>
        {rows.map(([keys, words]) => (
          <Fragment key={keys}>
            <dt>
              <Kbd>{keys}</Kbd>
              <span className="visually-hidden">{keys.replace("⇧", "Shift")}</span>
            </dt>
            <dd>{words}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
