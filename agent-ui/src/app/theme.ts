// Light, dark or as the system has it; on the root, where the tokens look.
import type { Preferences } from "../api/types";

const KEPT_AS = "tieline.theme";

/** Sets the theme and keeps it for the next sign-in page. */
export function setTheme(theme: Preferences["theme"]): void {
  localStorage.setItem(KEPT_AS, theme);
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}

export function keptTheme(): Preferences["theme"] {
  const kept = localStorage.getItem(KEPT_AS);
  return kept === "light" || kept === "dark" ? kept : "system";
}
