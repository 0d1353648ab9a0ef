// Reasons of pauses as the desk needs them, whichever way the server lists them.
import type { components } from "../api/generated/rest";
import { labelOf } from "./locale";

/** What an administrator wrote about a kind of pause. */
export interface Reason {
  /** Names it to the server and in the state of an agent. */
  key: string;
  /** The word of the house, where there is one for all languages. */
  name: string | null;
  /** Words by language. */
  labels: Readonly<Record<string, string>>;
  paid: boolean;
  productive: boolean;
  /** Longer than this is too long; minutes. */
  limitMin: number | null;
  /** False is no longer offered. */
  isActive: boolean;
  /** Chosen by rules only. */
  isBySystem: boolean;
}

/** An item of `/v1/reasons`: with words by language and a `code` as its key, or with one `name` and a `key`. */
export type ReasonItem = Partial<components["schemas"]["ReasonView"]> | NamedReason;

interface NamedReason {
  key: string;
  name: string;
  paid: boolean;
  productive?: boolean;
  limit_min?: number | null;
  /** What is dialled at the phone. */
  code?: number | string | null;
  active?: boolean;
  by_system?: boolean;
}

export function readReason(item: ReasonItem): Reason {
  const { key, name, limit_min } = item as Partial<NamedReason>;
  const { labels, max_minutes } = item as Partial<components["schemas"]["ReasonView"]>;
  return {
    key: key ?? String(item.code ?? ""),
    name: name ?? null,
    labels: labels ?? {},
    paid: item.paid ?? true,
    productive: item.productive ?? false,
    limitMin: limit_min ?? max_minutes ?? null,
    isActive: item.active ?? true,
    isBySystem: item.by_system ?? false,
  };
}

/** Its name in the language of the page. */
export const reasonName = (reason: Reason): string => labelOf(reason.labels, reason.name ?? reason.key);

/** The reason that stands behind a pause, by key. */
export function reasonOf(key: string | null | undefined, reasons: readonly Reason[]): Reason | undefined {
  return key === null || key === undefined ? undefined : reasons.find((reason) => reason.key === key);
}
