// Settings of the distribution as forms hold them. Pure.
import type { Block, Calendar, CallbackWhen, EntryRule, Opening, QueueSettings, QueueDetail } from "../../api/types";
import type { Way } from "./typed";
import type { Kept } from "./useKept";

/** A queue with every setting that the form shows; what a server left out is as at first. */
export type QueueForm = Required<Omit<QueueSettings, "helpers">> & Pick<Required<QueueSettings>, "helpers">;

export const METHODS = ["longest_idle", "all_skills", "best_skills", "fewest_calls", "linear"] as const;

const FRESH: QueueForm = {
  key: "",
  name: "",
  unit: null,
  project: null,
  active: true,
  paid: false,
  method: "longest_idle",
  ring_mode: "one",
  ring_ms: 15_000,
  needs: [],
  preferred: [],
  rings: [],
  helpers: [],
  scorer_ms: 0,
  keys: [],
  last_agent_ms: 0,
  priority: 0,
  ageing_per_min: 1,
  wrap_up_ms: 30_000,
  rona: { no_answer: 1, rejected: 3, unreachable: 1, count_abandoned: false, action: "pause", return_after_ms: null },
  calendar: null,
  closed: { kind: "fallback" },
  overflow: [],
  sounds: { music: "", welcome: "", comfort: [], every_ms: 0, position: "", expected_wait: "", callback: "", callback_key: "", callback_choice: "", callback_times: [] },
  level: { formula: "SL-E", threshold_ms: 20_000, short_ms: 5_000, target_percent: 80 },
};

export function queueForm(view: QueueDetail | undefined): QueueForm {
  return view?.own ? wholeForm({ ageing_per_min: 0, wrap_up_ms: 0, ...view.own }) : FRESH;
}

/** With whatever it lacks, as at first: a draft may be older than a setting. */
export function wholeForm(form: Partial<QueueForm>): QueueForm {
  return { ...FRESH, ...form, sounds: { ...FRESH.sounds, ...form.sounds } };
}

/** A key out of a name: what dialplan and pilots call it. */
export function keyOf(name: string): string {
  const plain = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
}

export type QueueFault = "missing" | "key_form";

/** What is wrong before the server is asked. */
export function queueFaults(form: QueueForm): Partial<Record<"name" | "key", QueueFault>> {
  return {
    ...(form.name.trim() === "" && { name: "missing" as const }),
    ...(!/^[a-z0-9_-]{1,40}$/.test(form.key) && { key: "key_form" as const }),
  };
}

/** What is pressed at a phone. */
export const PHONE_KEYS = [..."0123456789*#"];

/** The first key that none of these is. */
export const freeKey = (taken: readonly string[]): string => [..."123456789*#0"].find((key) => !taken.includes(key)) ?? "";

export function freshWhen(kind: string): CallbackWhen {
  if (kind === "after") return { kind: "after", minutes: 60 };
  return kind === "at" ? { kind: "at", days: 1, minute: 540 } : { kind: "now" };
}

/** A whole number within bounds; null when the text is none. */
export function readNumber(text: string, min: number, max: number): number | null {
  if (!/^-?\d{1,9}$/.test(text.trim())) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

/** Words between commas, each once. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.split(",").map((word) => word.trim()).filter((word) => word !== ""))];
}

const DAY_MIN = 1_440;

/** Minutes since midnight as a clock; the end of the day is 24:00. */
export function clockOf(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** A clock as minutes since midnight; null when it is none. */
export function minutesOf(text: string): number | null {
  const found = /^(\d{1,2})[:.](\d{2})$/.exec(text.trim());
  if (found === null) return null;
  const minutes = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[2]) < 60 && minutes <= DAY_MIN ? minutes : null;
}

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

export const WORKDAYS: Opening = { days: DAYS.slice(0, 5), from_min: 480, until_min: 1_020 };

export const freshCalendar = (zone: string): Calendar => ({ name: "", zone, hours: [WORKDAYS], holidays: [], special: [] });

/** A day that is closed: `2026-12-24`, or `--12-24` in every year. */
export const isHoliday = (text: string): boolean => {
  const found = /^(?:(\d{4})|-)-(\d{2})-(\d{2})$/.exec(text);
  if (found === null) return false;
  const date = new Date(Date.UTC(Number(found[1] ?? 2024), Number(found[2]) - 1, Number(found[3])));
  return date.getUTCMonth() === Number(found[2]) - 1 && date.getUTCDate() === Number(found[3]);
};

export const freshRule = (): EntryRule => ({ name: "", when: { point: null, dialled: null, caller: null, withheld: null, known: null, status: null, data: {}, open: null, closed: null }, to: { kind: "fallback" }, priority: 0, needs: [] });

export const freshBlock = (): Block => ({ number: "", kind: "full", until: null, reason: "" });

export interface DataRow {
  key: string;
  value: string;
}

/** Data of a call as rows; rows without a name, or two of one name, are no data yet. */
export const dataWay: Way<Record<string, string>, DataRow[]> = {
  show: (data) => Object.entries(data).map(([key, value]) => ({ key, value })),
  read: (rows) => (rows.some((_, at) => rowFault(rows, at) !== null) ? undefined : Object.fromEntries(rows.map(({ key, value }) => [key.trim(), value]))),
};

/** Why a row is no data yet. */
export function rowFault(rows: readonly DataRow[], at: number): "missing" | "twice" | null {
  const key = rows[at]?.key.trim() ?? "";
  if (key === "") return "missing";
  return rows.some((row, nth) => nth !== at && row.key.trim() === key) ? "twice" : null;
}

/** What is still to be saved after `sent` was: nothing, or what was typed meanwhile, over the version that came of it. */
export function settled<T>(now: Kept<T> | null, sent: T, etag: string | null): Kept<T> | null {
  return now === null || JSON.stringify(now.value) === JSON.stringify(sent) ? null : { etag, value: now.value };
}

/** The same for a queue that was just made: its key is the one it was made with. */
export function settledNew(now: Kept<QueueForm> | null, sent: QueueForm, etag: string | null): Kept<QueueForm> | null {
  return settled(now === null ? null : { ...now, value: { ...now.value, key: sent.key } }, sent, etag);
}

/** The row that moves one place, the others closing up. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  if (to < 0 || to >= items.length) return [...items];
  const rest = items.filter((_, at) => at !== from);
  const one = items[from];
  return one === undefined ? [...items] : [...rest.slice(0, to), one, ...rest.slice(to)];
}

/** How many fields the server names; at least one when it refuses. */
export const faultCount = (fields: Record<string, string>): number => Object.keys(fields).length;
