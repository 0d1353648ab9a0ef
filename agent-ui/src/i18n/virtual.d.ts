declare module "virtual:messages" {
  /** Loads the words of a language; from then on messages are in it. */
  export function loadMessages(locale: "en" | "cs" | "sk" | "pl" | "it" | "de"): Promise<void>;
  /** Loads the words of the pages for administrators (`admin_…`), in this language and in those to come. */
  export function loadAdminMessages(): Promise<void>;
}
