// What a queue is watched for, as a form holds it. Pure.
import type { QueueLimits } from "../../api/types";

export type LimitsForm = QueueLimits;

const NONE: LimitsForm = { longest_wait_ms: null, longest_talk_ms: null, waiting: null, ready_below: null, level_below: null, unattended: false };

/** Within which time callers count as answered until somebody says otherwise. */
const WITHIN_MS = 20_000;

export const limitsForm = (view: Partial<QueueLimits> | undefined): LimitsForm => ({ ...NONE, ...view });

/** The service level is watched from the moment on at which it has a limit. */
export function withLevel({ level_below: before }: LimitsForm, percent: number | null): LimitsForm["level_below"] {
  return percent === null ? null : { within_ms: before?.within_ms ?? WITHIN_MS, percent };
}

/** Where a figure has to come back to, so that one that dances on its limit makes one alert. */
export const backAt = (limit: number): number => Math.floor((limit * 4) / 5);

/** The same for a service level, in per cent. */
export const levelBackAt = (percent: number): number => percent + Math.floor((100 - percent) / 5);

/** Whether anything is watched. */
export const isWatched = (form: LimitsForm): boolean => Object.values(form).some((limit) => limit !== null && limit !== false);
