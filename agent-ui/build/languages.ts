// Only what one language needs reaches a browser: our messages by language, React Aria's words in our six.
import { readdir } from "node:fs/promises";
import type { Plugin } from "vite";

const ARIA_LOCALES = new Set(["cs-CZ", "de-DE", "en-US", "it-IT", "pl-PL", "sk-SK"]);
const LOADER = "virtual:messages";
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
 * Messages are read from the language that was loaded last, instead of from all of them at once.
 * `virtual:messages` loads one; tests take the generated module as it is and load nothing.
 */
export function messagesByLanguage(directory: string, isTest: boolean): Plugin {
  return {
    name: "messages-by-language",
    enforce: "pre",
    resolveId: (id) => (id === LOADER ? `\0${LOADER}` : null),
    async load(id) {
      if (id === `\0${LOADER}`) {
        return isTest ? "export const loadMessages = async () => {};" : `export { loadMessages } from ${JSON.stringify(`${directory}.js`)};`;
      }
      return isTest || !MESSAGES.test(id) ? null : byLanguage(await readdir(directory));
    },
  };
}

/** Every message is a function of its inputs, found when it is called. */
function byLanguage(files: string[]): string {
  const locales = files.map((file) => /^([a-z]{2})\.js$/.exec(file)?.[1]).filter((one) => one !== undefined);
  return [
    "let words = {};",
    `const loaders = { ${locales.map((one) => `${one}: () => import("./messages/${one}.js")`).join(", ")} };`,
    "export const loadMessages = async (locale) => { words = await loaders[locale](); };",
    "export const m = new Proxy({}, { get: (_, name) => (inputs = {}) => words[name]?.(inputs) ?? name });",
  ].join("\n");
}
