// Reasons of pauses, as `/v1/reasons` lists them.
import type { components } from "../api/generated/rest";
import { labelOf } from "./locale";

export type ReasonView = components["schemas"]["ReasonView"];

/** The reason that stands behind a pause, by code. */
export function reasonOf(code: string | null | undefined, reasons: readonly ReasonView[]): ReasonView | undefined {
  return code === null || code === undefined ? undefined : reasons.find((reason) => reason.code === code);
}

/** Its name in the language of the page. */
export const reasonName = (reason: ReasonView): string => labelOf(reason.labels, reason.code);
