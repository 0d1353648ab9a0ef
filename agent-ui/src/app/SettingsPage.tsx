import { m } from "../i18n/generated/messages.js";
import { Page } from "./Page";

export function SettingsPage() {
  return <Page title={m.settings_title()} stage={null} />;
}
