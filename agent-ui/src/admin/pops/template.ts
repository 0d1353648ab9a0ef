/** Placeholders of a pop's address, in the order of the picker. */
export const PLACEHOLDERS = [
  "number.e164", "number.national", "number.digits", "number.raw", "ext", "name", "dnis",
  "queue.id", "queue.name", "direction", "call.id", "call.pbx_id", "leg.id",
  "agent.login", "agent.extension", "wait_s", "match.id", "match.external_id", "match.name", "lang",
] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Puts a placeholder over the selection of a text; gives the new text and where the cursor goes on. */
export function withPlaceholder(text: string, from: number, to: number, name: string): { text: string; cursor: number } {
  const token = `{${name}}`;
  return { text: text.slice(0, from) + token + text.slice(to), cursor: from + token.length };
}

export type TemplateFault = "missing" | "scheme" | "unknown" | "braces";

/** What is wrong with an address template before the server is asked; `name` is the placeholder it is about. */
export function templateFault(text: string): { fault: TemplateFault; name?: string } | null {
  const trimmed = text.trim();
  if (trimmed === "") return { fault: "missing" };
  if (!/^https?:\/\/[^/{}?#]+/i.test(trimmed)) return { fault: "scheme" };
  const names = [...trimmed.matchAll(/\{([^{}|]*)(?:\|[^{}]*)?\}/g)].map((found) => found[1] ?? "");
  if (/[{}]/.test(trimmed.replaceAll(/\{[^{}]*\}/g, ""))) return { fault: "braces" };
  const known = (name: string) => PLACEHOLDERS.some((one) => one === name) || /^data\.[A-Za-z0-9_.-]+$/.test(name);
  const unknown = names.find((name) => !known(name));
  return unknown === undefined ? null : { fault: "unknown", name: unknown };
}
