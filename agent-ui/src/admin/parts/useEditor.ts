import { useState } from "react";
import { toast } from "../../app/toast";
import { m } from "../../i18n/generated/messages.js";
import type { Save } from "./useSave";

interface Wish<Draft, Saved> {
  save: Save<Draft, Saved>;
  draft: Draft;
  /** What is wrong by field; none when it may be sent. */
  faults: object;
  /** Forgets what was typed. */
  forget: () => void;
  onSaved: (saved: Saved) => void;
}

/** What the foot of an editor does: shows faults from the first try on, saves, and forgets what was typed. */
export function useEditor<Draft, Saved>({ save, draft, faults, forget, onSaved }: Wish<Draft, Saved>) {
  const [isTried, setTried] = useState(false);
  const drop = () => {
    forget();
    setTried(false);
    save.reset();
  };
  const onSave = () => {
    setTried(true);
    if (Object.keys(faults).length > 0) return;
    save.run(draft, (saved) => {
      drop();
      toast({ kind: "good", title: m.admin_saved() });
      onSaved(saved);
    });
  };
  /** For `SaveBar`. */
  const bar = { save, faults: isTried ? Object.keys(faults).length : 0, onSave, onDiscard: drop };
  return { isTried, drop, bar };
}
