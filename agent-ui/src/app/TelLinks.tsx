import { useState } from "react";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { paths } from "./paths";
import css from "./SettingsPage.module.css";

/** Lets the browser open `tel:` links of other pages on the page that asks before it dials. */
export function TelLinks() {
  const [answer, setAnswer] = useState<string | null>(null);
  return (
    <div className={css.setting}>
      <div className={css.buttons}>
        <Button onPress={() => setAnswer(askForLinks())}>{m.links_button()}</Button>
      </div>
      <p className={css.note} role="status">
        {answer ?? m.links_text()}
      </p>
    </div>
  );
}

/** Asks, and says what came of it as far as a page can know: browsers do not tell what the person answered. */
function askForLinks(): string {
  if (!("registerProtocolHandler" in navigator)) return m.links_missing();
  try {
    navigator.registerProtocolHandler("tel", `${window.location.origin}${paths.dial("")}%s`);
    return m.links_asked();
  } catch {
    return m.links_refused();
  }
}
