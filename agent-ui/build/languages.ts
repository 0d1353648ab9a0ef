// Only what one language needs reaches a browser: our messages by language, React Aria's words in our six.
import { readdir, readFile } from "node:fs/promises";
import type { Plugin } from "vite";

const ARIA_LOCALES = new Set(["cs-CZ", "de-DE", "en-US", "it-IT", "pl-PL", "sk-SK"]);
const LOADER = "virtual:messages";
const NAMES = /virtual:names\/(desk|admin)$/;
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
 * administrators and supervisors come with these pages. `virtual:messages` loads them; tests take the generated module
 * as it is and load nothing.
 *
 * A language is a list in the order of the names, which all languages share: names are longer than most messages, and
 * six times as many would be a tenth of the whole desk.
 */
export function messagesByLanguage(directory: string, isTest: boolean): Plugin {
  return {
    name: "messages-by-language",
    enforce: "pre",
    resolveId: (id) => (id === LOADER || NAMES.test(id) || WORDS.test(id) ? `\0${id}` : null),
    async load(id) {
      if (id === `\0${LOADER}`) {
        const none = "async () => {}";
        return isTest ? `export const loadMessages = ${none}; export const loadAdminMessages = ${none};` : `export { loadMessages, loadAdminMessages } from ${JSON.stringify(`${directory}.js`)};`;
      }
      const compiled = (locale: string): Promise<string> => readFile(`${directory}/${locale}.js`, "utf8");
      const area = NAMES.exec(id)?.[1];
      if (area !== undefined) return `export default ${JSON.stringify(namesOf(await compiled("en"), area).join(" "))}.split(" ");`;
      const [, locale, half = ""] = WORDS.exec(id) ?? [];
      if (locale !== undefined) return wordsOf(await compiled(locale), await compiled("en"), directory, half);
      return isTest || !MESSAGES.test(id) ? null : byLanguage(await readdir(directory));
    },
  };
}

/** A message is a text, or a function of its inputs; it is found when it is called. */
function byLanguage(files: string[]): string {
  const locales = files.map((file) => /^([a-z]{2})\.js$/.exec(file)?.[1]).filter((one) => one !== undefined);
  const loaders = (area: string) => `{ ${locales.map((one) => `${one}: () => import("virtual:words/${one}/${area}")`).join(", ")} }`;
  return [
    'import deskNames from "virtual:names/desk";',
    "let words = {}, admin = {}, shown, wantsAdmin = false;",
    `const desks = ${loaders("desk")}, admins = ${loaders("admin")};`,
    "const named = (names, texts) => Object.fromEntries(names.map((name, at) => [name, texts[at]]));",
    "const deskWords = async (locale) => named(deskNames, (await desks[locale]()).default);",
    "const adminWords = async (locale) => {",
    '  const [names, texts] = await Promise.all([import("virtual:names/admin"), admins[locale]()]);',
    "  return named(names.default, texts.default);",
    "};",
    // A page that wants its words may come while a language is on its way; the language asked for last is shown.
    "let asked;",
    "export const loadMessages = async (locale) => {",
    "  asked = locale;",
    "  const fresh = await deskWords(locale);",
    "  const more = wantsAdmin ? await adminWords(locale) : {};",
    "  if (asked === locale) [words, admin, shown] = [fresh, more, locale];",
    "};",
    "export const loadAdminMessages = async () => {",
    "  wantsAdmin = true;",
    "  const locale = shown;",
    "  const fresh = await adminWords(locale);",
    "  if (locale === shown) admin = fresh;",
    "};",
    "const said = (message, inputs) => (typeof message === \"function\" ? message(inputs) : message);",
    "export const m = new Proxy({}, { get: (_, name) => (inputs = {}) => said(words[name] ?? admin[name], inputs) ?? name });",
  ].join("\n");
}

const isAdmin = (name: string): boolean => /^(?:acd|admin|dir|erp|hook|job|journal|live|path|report|work)_/.test(name);

/** The names of the messages of an area (`desk` or `admin`), in the order in which each language lists its texts. */
const namesOf = (english: string, area: string): string[] => split(english).slice(1).map(nameOf).filter((name) => isAdmin(name) === (area === "admin"));

/** The messages of one area, out of the compiled ones of a language; one that it lacks is taken from English. */
function wordsOf(compiled: string, english: string, directory: string, area: string): string {
  const own = new Map(split(compiled).slice(1).map((one) => [nameOf(one), one]));
  const otherwise = new Map(split(english).slice(1).map((one) => [nameOf(one), one]));
  const texts = namesOf(english, area).map((name) => {
    const message = own.get(name);
    return message === undefined || message.startsWith("export {") ? otherwise.get(name) : message;
  });
  return `import * as registry from ${JSON.stringify(`${directory}/../registry.js`)};\nexport default [${texts.map((one) => valueOf(one ?? "")).join(",\n")}];`;
}

/** What is before the first message, then each message. */
const split = (compiled: string): string[] => compiled.split(/^(?=export (?:const|\{) )/m);

const nameOf = (message: string): string => /^export (?:const|\{) (\w+)/.exec(message)?.[1] ?? "";

/** The text itself where a message has no inputs; otherwise its function. */
function valueOf(message: string): string {
  const text = /=> \{\s*return \/\*\* @type \{LocalizedString\} \*\/ \((`(?:[^`\\$]|\\.)*`)\)\s*\};?/.exec(message)?.[1];
  if (text !== undefined) return text;
  return message.slice(message.indexOf(" = ") + 3, message.lastIndexOf("}") + 1);
}
