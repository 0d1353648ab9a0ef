import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { announce } from "../../app/announce";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import css from "./parts.module.css";

/** A text to put into a file of another machine: read as it is, copied by one press. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce(m.admin_copied());
  };
  return (
    <figure className={css.code}>
      <figcaption className={css.codeHead}>
        <span className={css.mono}>{label}</span>
        <Button size="sm" icon={copied ? <Check aria-hidden /> : <Copy aria-hidden />} onPress={() => void copy()} aria-label={`${copied ? m.admin_copied() : m.admin_copy()}: ${label}`}>
          {copied ? m.admin_copied() : m.admin_copy()}
        </Button>
      </figcaption>
      <pre tabIndex={0}>{text}</pre>
    </figure>
  );
}
