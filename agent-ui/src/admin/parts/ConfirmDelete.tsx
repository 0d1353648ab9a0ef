import { type ReactNode, useState } from "react";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Dialog } from "../../ui/Dialog/Dialog";
import { InlineError } from "../../ui/Message/Message";

/** Deletes after one more question that says what goes and what stays. */
export function ConfirmDelete({ title, text, icon, label, isPending, problem, reason, onConfirm }: {
  title: string;
  text: string;
  /** Stands in the place of the word, in a row that has no room for it. */
  icon?: ReactNode;
  /** What the button does to which thing, where there are several. */
  label?: string;
  isPending: boolean;
  problem: string | null;
  reason?: string | null | undefined;
  onConfirm: (done: () => void) => void;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      {icon === undefined
        ? <Button reason={reason} onPress={() => setOpen(true)}>{m.admin_delete()}</Button>
        : <IconButton kind="quiet" size="sm" icon={icon} label={label ?? m.admin_delete()} reason={reason} onPress={() => setOpen(true)} />}
      <Dialog
        title={title}
        isOpen={open}
        onOpenChange={setOpen}
        role="alertdialog"
        actions={(
          <>
            <Button onPress={() => setOpen(false)}>{m.admin_cancel()}</Button>
            <Button kind="primary" isPending={isPending} onPress={() => onConfirm(() => setOpen(false))}>{m.admin_delete()}</Button>
          </>
        )}
      >
        <p>{text}</p>
        {problem !== null && <InlineError>{problem}</InlineError>}
      </Dialog>
    </>
  );
}
