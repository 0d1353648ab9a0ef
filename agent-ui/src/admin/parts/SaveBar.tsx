import type { ReactNode } from "react";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { InlineError, Message } from "../../ui/Message/Message";
import type { Save } from "./useSave";
import css from "./parts.module.css";

/** Foot of a form: the summary of what is wrong, Save with the reason why not, and what else the form can do. */
export function SaveBar({ save, faults, isDirty, onSave, onDiscard, onTheirs, label, reason, children }: {
  save: Pick<Save<never, unknown>, "isPending" | "problem" | "isStale">;
  /** How many fields cannot be taken. */
  faults: number;
  isDirty: boolean;
  onSave: () => void;
  onDiscard?: (() => void) | undefined;
  /** Loads the present state after somebody else's change. */
  onTheirs?: (() => void) | undefined;
  label?: string;
  /** Why nothing may be saved here at all. */
  reason?: string | null;
  children?: ReactNode;
}) {
  const why = reason ?? (faults > 0 ? m.admin_fields_wrong({ count: faults }) : isDirty ? null : m.admin_nothing_changed());
  return (
    <div className={css.saveBar}>
      {save.isStale && (
        <Message tone="warn" title={m.admin_conflict_title()} live="alert" actions={onTheirs && <Button size="sm" onPress={onTheirs}>{m.admin_conflict_theirs()}</Button>}>
          {m.admin_conflict_text()}
        </Message>
      )}
      {save.problem !== null && !save.isStale && <InlineError>{save.problem}</InlineError>}
      <div className={css.buttons}>
        <Button kind="primary" isPending={save.isPending} reason={why} onPress={onSave}>{label ?? m.admin_save()}</Button>
        {onDiscard && isDirty && <Button onPress={onDiscard}>{m.admin_discard()}</Button>}
        {children}
      </div>
    </div>
  );
}
