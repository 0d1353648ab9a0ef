// Only what one language needs reaches a browser: our messages by language, React Aria's words in our six.
import { readdir, readFile } from "node:fs/promises";
import type { Plugin } from "vite";

const ARIA_LOCALES = new Set(["cs-CZ", "de-DE", "en-US", "it-IT", "pl-PL", "sk-SK"]);
const LOADER = "virtual:messages";
const WORDS = /virtual:words\/([a-z]{2})\/(desk|admin)$/;
const MESSAGES = /\/i18n\/generated\/messages\.js$/;

/** React Aria brings its own words in 34 languages; the desk speaks six. */
export function ariaWords(): Plugin {
  return {
    name: "aria-words",
    enforce: "pre",
    load(id) {
      const locale = /\/react-(?:aria|stately)[^?]*\/intl\/[^?]*\/([a-z]{2}-[A-Z]{2})\.[cm]?js/.exec(id)?.[1];
      return locale === undefined || ARIA_LOCALES.has(locale) ? null : "export default {};";
    },
  };
}

/**
 * Messages are read from the language that was loaded last, instead of from all of them at once; those of the pages for
 * administrators and supervisors come with these pages. `virtual:messages` loads them; tests take the generated module as it is and load
 * nothing.
 */
export function messagesByLanguage(directory: string, isTest: boolean): Plugin {
  return {
    name: "messages-by-language",
    enforce: "pre",
    resolveId: (id) => (id === LOADER || WORDS.test(id) ? `\0${id}` : null),
    async load(id) {
      if (id === `\0${LOADER}`) {
        const none = "async () => {}";
        return isTest ? `export const loadMessages = ${none}; export const loadAdminMessages = ${none};` : `export { loadMessages, loadAdminMessages } from ${JSON.stringify(`${directory}.js`)};`;
      }
      const [, locale, area] = WORDS.exec(id) ?? [];
      if (locale !== undefined) return wordsOf(await readFile(`${directory}/${locale}.js`, "utf8"), await readFile(`${directory}/en.js`, "utf8"), directory, area === "admin");
      return isTest || !MESSAGES.test(id) ? null : byLanguage(await readdir(directory));
    },
  };
}

/** Every message is a function of its inputs, found when it is called. */
function byLanguage(files: string[]): string {
  const locales = files.map((file) => /^([a-z]{2})\.js$/.exec(file)?.[1]).filter((one) => one !== undefined);
  const loaders = (area: string) => `{ ${locales.map((one) => `${one}: () => import("virtual:words/${one}/${area}")`).join(", ")} }`;
  return [
    "let words = {}, admin = {}, shown, wantsAdmin = false;",
    `const desks = ${loaders("desk")}, admins = ${loaders("admin")};`,
    // A page that wants its words may come while a language is on its way; the language asked for last is shown.
    "let asked;",
    "export const loadMessages = async (locale) => {",
    "  asked = locale;",
    "  const fresh = await desks[locale]();",
    "  const more = wantsAdmin ? await admins[locale]() : {};",
    "  if (asked === locale) [words, admin, shown] = [fresh, more, locale];",
    "};",
    "export const loadAdminMessages = async () => {",
    "  wantsAdmin = true;",
    "  const locale = shown;",
    "  const fresh = await admins[locale]();",
    "  if (locale === shown) admin = fresh;",
    "};",
    "export const m = new Proxy({}, { get: (_, name) => (inputs = {}) => (words[name] ?? admin[name])?.(inputs) ?? name });",
  ].join("\n");
}

/** The messages of one area, out of the compiled ones of a language; one that it lacks is taken from English. */
function wordsOf(compiled: string, english: string, directory: string, isAdmin: boolean): string {
  const [head = "", ...messages] = split(compiled);
  const otherwise = new Map(split(english).map((one) => [nameOf(one), one]));
  const wanted = messages.filter((one) => /^(?:acd|admin|hook|journal|live|path|report|work)_/.test(nameOf(one)) === isAdmin);
  const whole = wanted.map((one) => (one.startsWith("export {") ? otherwise.get(nameOf(one)) ?? "" : one));
  return [head.replace("../registry.js", `${directory}/../registry.js`), ...whole].join("");
}

/** What stands before the first message, then each message. */
const split = (compiled: string): string[] => compiled.split(/^(?=export (?:const|\{) )/m);

const nameOf = (message: string): string => /^export (?:const|\{) (\w+)/.exec(message)?.[1] ?? "";
