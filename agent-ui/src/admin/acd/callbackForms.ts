// Forms by which visitors of web sites order callbacks, as the editor holds them. Pure.
import type { CallbackForm } from "../../api/types";

/** What a form may be written in: the languages of the desk. */
export const FORM_LANGUAGES = ["cs", "en", "sk", "pl", "it", "de"] as const;
export type FormLanguage = (typeof FORM_LANGUAGES)[number];

export const freshForm = (queue: string): CallbackForm => ({ key: "", queue, titles: {}, consent: {}, origins: [], prefixes: [], days: 30, active: true });

/** Texts by language with another one; an empty one is none. */
export function withText(texts: Record<string, string>, language: FormLanguage, text: string): Record<string, string> {
  const { [language]: _, ...rest } = texts;
  return text === "" ? rest : { ...rest, [language]: text };
}

/** Languages in which a visitor may read the form. */
export const spoken = (form: CallbackForm): FormLanguage[] => FORM_LANGUAGES.filter((one) => (form.consent[one] ?? "").trim() !== "");

export type FormFault = "missing" | "key_form" | "twice" | "prefix" | "origin" | "half" | "no_language";
export type FormFaults = Partial<Record<"key" | "queue" | "prefixes" | "origins" | "texts", FormFault>>;

/** Languages with a heading and no consent, or the other way round. */
export const halves = (form: CallbackForm): FormLanguage[] => FORM_LANGUAGES.filter((one) => ((form.titles[one] ?? "").trim() === "") !== ((form.consent[one] ?? "").trim() === ""));

const isPrefix = (text: string): boolean => /^\+\d{1,15}$/.test(text);
const isOrigin = (text: string): boolean => /^https?:\/\/[a-z0-9.:-]+$/i.test(text);

/** Words of a list that are none of its kind. */
export const notPrefixes = (form: CallbackForm): string[] => (form.prefixes ?? []).filter((one) => !isPrefix(one));
export const notOrigins = (form: CallbackForm): string[] => (form.origins ?? []).filter((one) => !isOrigin(one));

/** What is wrong with one of these forms before the server is asked. */
export function formFaults(forms: readonly CallbackForm[], at: number): FormFaults {
  const form = forms[at];
  if (form === undefined) return {};
  const isTwice = forms.some((other, nth) => nth !== at && other.key === form.key);
  return {
    ...(!/^[a-z0-9-]{1,40}$/.test(form.key) ? { key: "key_form" } : isTwice ? { key: "twice" } : {}),
    ...(form.queue === "" && { queue: "missing" }),
    ...(notPrefixes(form).length > 0 && { prefixes: "prefix" }),
    ...(notOrigins(form).length > 0 && { origins: "origin" }),
    ...(halves(form).length > 0 ? { texts: "half" } : spoken(form).length === 0 ? { texts: "no_language" } : {}),
  };
}

export const faultsOf = (forms: readonly CallbackForm[]): number => forms.reduce((sum, _, at) => sum + Object.keys(formFaults(forms, at)).length, 0);

/** Where a form stands for visitors. */
export const formPath = (key: string, language: string): string => `/callback-form/${encodeURIComponent(key)}?lang=${language}`;

/** What a web site takes into its page. */
export const frameOf = (address: string, title: string): string => `<iframe src="${quoted(address)}" title="${quoted(title)}" width="100%" height="560"></iframe>`;

const quoted = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
