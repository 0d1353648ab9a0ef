import { Search } from "lucide-react";
import { memo, useDeferredValue, useEffect, useRef, useState } from "react";
import { useMedia } from "../../app/media";
import { m } from "../../i18n/generated/messages.js";
import { IconButton } from "../../ui/Button/Button";
import { Toolbar } from "../../ui/Toolbar/Toolbar";
import { DialField } from "./DialField";
import { Lines } from "./Lines";
import { LinkLights } from "./LinkLights";
import { Profile } from "./Profile";
import { useDialAsked } from "./open";
import { opens } from "./opens";
import { StateButton } from "./StateButton";
import { useBarParts } from "./useBarParts";
import { useLines } from "./useLines";
import css from "./PhoneBar.module.css";

// They follow the stream by themselves; a call in the bar does not draw them again.
const BEFORE_LINES = <><LinkLights /><StateButton /></>;
const AT_THE_END = <Profile />;

/** On top of every screen: connections, my state, my calls, the dial field, me. The order never changes. */
export function PhoneBar() {
  // A card on the stage is painted before the bar follows.
  const lines = useDeferredValue(useLines());
  return (
    <header className={css.bar} data-lines={Math.min(lines.length, 2)}>
      <Toolbar label={m.bar_label()} className={css.tools}>
        {BEFORE_LINES}
        <Lines lines={lines} />
      </Toolbar>
      <Dial lineCount={lines.length} />
      {AT_THE_END}
    </header>
  );
}

/** The field where there is room, else a glass that opens it. It never shrinks under the cursor. */
const Dial = memo(function Dial({ lineCount }: { lineCount: number }) {
  const isWide = useMedia("(min-width: 80rem)");
  const isMedium = useMedia("(min-width: 64rem)");
  const [hasCursor, setCursor] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const parts = useBarParts();
  const asked = useDialAsked();
  const heard = useRef(asked);
  useEffect(() => {
    if (heard.current === asked) return;
    heard.current = asked;
    setOpen(true);
  }, [asked]);
  const hasRoom = isWide ? lineCount < 2 : isMedium && lineCount === 0;
  if (hasRoom || hasCursor) {
    return (
      <div className={css.dial} data-field onFocus={() => setCursor(true)} onBlur={() => setCursor(false)}>
        <DialField />
      </div>
    );
  }
  return (
    <div className={css.dial}>
      <IconButton ref={button} label={m.bar_dial_open()} icon={<Search aria-hidden />} {...opens("dialog", isOpen, setOpen)} />
      {parts && (
        <parts.PopoverPanel label={m.bar_dial_open()} placement="bottom end" button={button} isOpen={isOpen} onOpenChange={setOpen}>
          <DialField isWanted onDialled={() => setOpen(false)} />
        </parts.PopoverPanel>
      )}
    </div>
  );
});
