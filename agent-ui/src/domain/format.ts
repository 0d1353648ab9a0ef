// Times, durations, numbers and names as people read them. Pure; "now" is handed in.
import type { components } from "../api/generated/rest";
import { m } from "../i18n/generated/messages.js";
import { getLocale } from "../i18n/generated/runtime.js";

type NumberView = components["schemas"]["NumberView"];
type PartyView = components["schemas"]["PartyView"];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const two = (value: number): string => String(value).padStart(2, "0");

/** `mm:ss`, from an hour `h:mm:ss`, from a day `d h:mm`. Never negative. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [minutes, hours] = [Math.floor(seconds / MINUTE) % 60, Math.floor(seconds / HOUR)];
  if (seconds < HOUR) return `${two(minutes)}:${two(seconds % 60)}`;
  if (seconds < DAY) return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / DAY)}\u00a0${m.unit_day()}\u00a0${hours % 24}:${two(minutes)}`;
}

/** A duration where there may be none. */
export const durationOr = (ms: number | null | undefined): string => (ms === null || ms === undefined ? "–" : duration(ms));

const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = getLocale() === "en" ? "en-GB" : getLocale();
  const key = `${locale} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, options);
    formats.set(key, format);
  }
  return format;
}

/** `10:42` */
export const clock = (at: string | number): string =>
  dateFormat({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** `10:42:07` */
export const clockWithSeconds = (at: string | number): string =>
  dateFormat({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** `12. 11.`, with the year when it is another one. */
export function dateOnly(at: string | number, now: number = Date.now()): string {
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return dateFormat({ day: "numeric", month: "numeric", ...(isThisYear ? {} : { year: "numeric" }) }).format(date);
}

/** Today the time alone, otherwise date and time. */
export function dayAndTime(at: string | number, now: number = Date.now()): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? clock(at) : `${dateOnly(at, now)} ${clock(at)}`;
}

/** Country codes of two digits that we meet; all others but 1 and 7 have three. */
const TWO_DIGITS =
  /^\+(20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** A number in groups of three with no-break spaces; what is dialled inside stays bare. */
export function phone(number: NumberView | string | null | undefined): string {
  if (number === null || number === undefined) return "";
  const text = typeof number === "string" ? number : (number.e164 ?? number.raw);
  if (!/^\+\d{7,15}$/.test(text)) return text;
  const codeLength = /^\+[17]/.test(text) ? 1 : TWO_DIGITS.test(text) ? 2 : 3;
  const national = text.slice(codeLength + 1);
  const groups = national.match(/\d{3}(?=\d{3})|\d{3}(?!\d)|\d+/g) ?? [national];
  return [text.slice(0, codeLength + 1), ...groups].join("\u00a0");
}

/** First letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const [first, last] = [words.at(0), words.length > 1 ? words.at(-1) : undefined];
  return [first, last].map((word) => [...(word ?? "")].at(0) ?? "").join("").toLocaleUpperCase(getLocale());
}

/** Whom to show: contact, firm, name of the switch, number, or that it is withheld. */
export function partyName(
  party: PartyView | null | undefined,
  contact?: { name?: string | null; company?: string | null } | null,
): string {
  const known = contact?.name || contact?.company;
  if (known) return known;
  if (party?.withheld) return m.party_withheld();
  const number = phone(party?.number);
  const name = party?.name?.trim();
  // Switches often repeat the number as the name.
  if (name && name.replace(/\D/g, "") !== number.replace(/\D/g, "")) return name;
  return number || name || m.party_unknown();
}

/** `1 234` with the separators of the language. */
export const count = (value: number): string => new Intl.NumberFormat(getLocale()).format(value);
