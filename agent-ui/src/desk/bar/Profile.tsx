import { useRef, useState } from "react";
import { useMe } from "../../app/hooks";
import { initials } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Avatar } from "../../ui/Tag/Tag";
import { opens } from "./opens";
import { useBarParts } from "./useBarParts";
import css from "./PhoneBar.module.css";

/** Me, and the menu of what is mine. */
export function Profile() {
  const me = useMe();
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const parts = useBarParts();
  return (
    <div className={css.profile}>
      <Button ref={button} kind="quiet" {...opens("menu", isOpen, setOpen)}>
        <Avatar size="sm">{initials(me.name)}</Avatar>
        <span className="visually-hidden">
          {m.profile_menu()}: {me.name}
        </span>
      </Button>
      {parts && <parts.ProfileMenu button={button} isOpen={isOpen} onOpenChange={setOpen} />}
    </div>
  );
}
