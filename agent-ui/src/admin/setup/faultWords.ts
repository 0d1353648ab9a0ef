import { m } from "../../i18n/generated/messages.js";
import type { Fault, Faults, SwitchDraft } from "./switchForm";

const WORDS: Record<Fault, () => string> = {
  missing: m.admin_fault_missing,
  id_form: m.admin_fault_id_form,
  port_range: m.admin_fault_port,
  timeout_range: m.admin_fault_timeout,
  not_digits: m.admin_fault_digits,
  pattern_form: m.admin_fault_pattern,
  own_form: m.admin_fault_own,
  country_form: m.admin_fault_country,
  url_form: m.admin_fault_url,
  pem_form: m.admin_fault_pem,
  one_line: m.admin_fault_one_line,
  password_missing: m.admin_fault_missing,
  station_form: m.admin_fault_stations,
  queue_form: m.admin_fault_queues,
};

/** Faults of a form in words; what the server says of a field stands where ours says nothing. */
export function wordsOf(faults: Faults, fromServer: Record<string, string>): Partial<Record<keyof SwitchDraft, string>> {
  const own = Object.entries(faults).map(([field, fault]) => [field, WORDS[fault]()]);
  const server = Object.entries(fromServer).map(([pointer, detail]) => [fieldOf(pointer), detail]);
  return Object.fromEntries([...server, ...own]) as Partial<Record<keyof SwitchDraft, string>>;
}

/** The field of a pointer as `numbers/country`; within a list (`csta/queues/0/number`) the field of the whole list. */
function fieldOf(pointer: string): string {
  const parts = pointer.split(/[./]/);
  const list = parts.findIndex((part) => /^\d+$/.test(part));
  return parts[(list < 0 ? parts.length : list) - 1] ?? pointer;
}

/** Faults that are shown while a person still types: an empty field of an untouched form is not one. */
export function visibleFaults(faults: Faults, isTried: boolean): Faults {
  if (isTried) return faults;
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault !== "missing" && fault !== "password_missing"));
}
