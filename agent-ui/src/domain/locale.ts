// The language of the page: one of ours, switched without a reload.
import { loadMessages } from "virtual:messages";
import { getLocale, isLocale, type Locale, locales, setLocale } from "../i18n/generated/runtime.js";

const KEPT_AS = "tieline.language";
const listeners = new Set<() => void>();
/** The language asked for last; none before the first words are there. */
let wanted: Locale | null = null;

export type { Locale };
export { locales };

/** Each language in its own words. */
export const LANGUAGE_NAMES: Record<Locale, string> = {
  cs: "Čeština",
  en: "English",
  sk: "Slovenčina",
  pl: "Polski",
  it: "Italiano",
  de: "Deutsch",
};

/** The order of the language switch. */
export const LANGUAGE_ORDER: readonly Locale[] = ["cs", "en", "sk", "pl", "it", "de"];

/** What this browser last used, else what it asks for, else English. */
export function firstLocale(): Locale {
  const kept = localStorage.getItem(KEPT_AS);
  if (isLocale(kept)) return kept;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => isLocale(tag));
  return wanted !== undefined && isLocale(wanted) ? wanted : "en";
}


/** Loads the words of a language, then shows them. The last one asked for wins. */
export async function switchLocale(locale: Locale): Promise<void> {
  localStorage.setItem(KEPT_AS, locale);
  if (wanted === locale) return;
  wanted = locale;
  await loadMessages(locale);
  if (wanted !== locale) return;
  void setLocale(locale, { reload: false });
  document.documentElement.lang = locale;
  for (const listener of listeners) listener();
}

export function onLocale(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The words of the present language among labels by language. */
export function labelOf(labels: Record<string, unknown> | undefined, otherwise: string): string {
  const words = labels?.[getLocale()] ?? labels?.en;
  return typeof words === "string" ? words : otherwise;
}
