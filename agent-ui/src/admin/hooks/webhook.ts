// An endpoint of another system as a form holds it, and what its state is called. Pure.
import type { components } from "../../api/generated/rest";
import { m } from "../../i18n/generated/messages.js";

type Schemas = components["schemas"];
export type Webhook = Schemas["WebhookView"];
export type Delivery = Schemas["DeliveryView"];
/** A secret that was just made, with its endpoint. */
export type MadeSecret = Schemas["NewSecretView"];
export type WebhookTrial = Schemas["WebhookTestView"];

/** How requests are signed: by a shared secret, or by a key pair. */
export const SIGNATURES = ["v1", "v1a"] as const;
export type Signature = (typeof SIGNATURES)[number];

/** What is typed; lists as lines of text. */
export interface WebhookForm {
  name: string;
  url: string;
  enabled: boolean;
  types: string;
  queues: readonly string[];
  users: readonly string[];
  /** `key=value` in each line; without a value, any fits. */
  data: string;
  mask: string;
  /** Of a new one only. */
  signature: Signature;
}

const FRESH: WebhookForm = { name: "", url: "", enabled: true, types: "call.*", queues: [], users: [], data: "", mask: "", signature: "v1" };

export function formOf(view: Webhook | undefined): WebhookForm {
  if (view === undefined) return FRESH;
  const { name, url, enabled, types, queues, users, data, mask } = view;
  const pairs = Object.entries(data).map(([key, value]) => (value === "" ? key : `${key}=${value}`));
  return { ...FRESH, name, url, enabled, types: types.join("\n"), queues, users, data: pairs.join("\n"), mask: mask.join("\n") };
}

/** What is not empty of each line. */
export const linesOf = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

/** What is sent; a signature is chosen once, when the endpoint is made. */
export function bodyOf({ signature, types, data, mask, ...form }: WebhookForm, isNew: boolean): object {
  const pairs = linesOf(data).map((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  return { ...form, name: form.name.trim(), url: form.url.trim(), types: linesOf(types), data: Object.fromEntries(pairs) as object, mask: linesOf(mask), ...(isNew && { signature }) };
}

/** What is missing before the server is asked. */
export function faultsOf({ name, url, types }: WebhookForm): Partial<Record<"name" | "url" | "types", true>> {
  return {
    ...(name.trim() === "" && { name: true as const }),
    ...(url.trim() === "" && { url: true as const }),
    ...(linesOf(types).length === 0 && { types: true as const }),
  };
}

/** What the server finds wrong with a list of lines: with the line that it is about. */
export function faultOfLines(fields: Record<string, string>, name: string, lines: readonly string[]): string | undefined {
  const found = Object.entries(fields).find(([field]) => field === name || field.startsWith(`${name}.`));
  if (found === undefined) return undefined;
  const [field, detail] = found;
  const line = lines[Number(field.slice(name.length + 1))];
  return field === name || line === undefined ? detail : `${line}: ${detail}`;
}

export type HookState = "off" | "working" | "failing" | "gone";

/** Where it stands; what is switched off takes nothing, whatever it did before. */
export function stateOf({ enabled, state }: Pick<Webhook, "enabled" | "state">): HookState {
  if (!enabled) return "off";
  return state === "failing" || state === "gone" ? state : "working";
}

export const STATE_TONES: Record<HookState, "off" | "good" | "warn" | "bad"> = { off: "off", working: "good", failing: "warn", gone: "bad" };

export function stateWord(state: HookState): string {
  const words: Record<HookState, () => string> = { off: m.hook_state_off, working: m.hook_state_working, failing: m.hook_state_failing, gone: m.hook_state_gone };
  return words[state]();
}

/** What can be looked for in the log of deliveries. */
export const DELIVERY_LOOKS = ["all", "pending", "delivered", "dead"] as const;
export type DeliveryLook = (typeof DELIVERY_LOOKS)[number];

export function deliveryWord(look: string): string {
  const words: Record<string, () => string> = { all: m.hook_deliveries_all, pending: m.hook_deliveries_pending, delivered: m.hook_deliveries_delivered, dead: m.hook_deliveries_dead };
  return words[look]?.() ?? look;
}

/** Tone of what became of an event. */
export const deliveryTone = (state: string): "good" | "warn" | "bad" => (state === "delivered" ? "good" : state === "dead" ? "bad" : "warn");

/** What the endpoint said: status and words, as far as there are any. */
export const answerOf = ({ status, error }: Pick<Delivery, "status" | "error">): string => [status, error].filter(Boolean).join(" · ") || "–";
