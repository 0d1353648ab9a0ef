import { Braces } from "lucide-react";
import { useRef } from "react";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { TextField } from "../../ui/Field/Field";
import { Menu, MenuItem } from "../../ui/Menu/Menu";
import css from "./pops.module.css";
import { PLACEHOLDERS, withPlaceholder } from "./template";
import { placeholderWords } from "./words";

/** The address with its placeholders; the picker puts one where the cursor stands. */
export function TemplateField({ value, onChange, error, isReadOnly }: { value: string; onChange: (value: string) => void; error: string | undefined; isReadOnly: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const insert = (name: string) => {
    const at = input.current?.selectionStart ?? value.length;
    const next = withPlaceholder(value, at, input.current?.selectionEnd ?? at, name);
    onChange(next.text);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.cursor, next.cursor);
    });
  };
  return (
    <div className={css.template}>
      <TextField label={m.admin_rule_url()} isRequired mono inputRef={input} hint={m.admin_rule_url_hint()} value={value} onChange={onChange} error={error} isReadOnly={isReadOnly} />
      {!isReadOnly && (
        <div>
          <Menu trigger={<Button size="sm" icon={<Braces aria-hidden />}>{m.admin_placeholder_add()}</Button>} aria-label={m.admin_placeholder_add()} onAction={(key) => insert(String(key))}>
            {PLACEHOLDERS.map((name) => <MenuItem key={name} id={name} note={placeholderWords(name)}>{`{${name}}`}</MenuItem>)}
          </Menu>
        </div>
      )}
    </div>
  );
}
