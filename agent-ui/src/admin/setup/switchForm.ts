import type { OwnRange, SwitchBody, SwitchView } from "../../api/types";
import { cstaBodyOf, cstaDraftOf, type CstaDraft, type CstaFault, cstaFaultsOf, dialectOf, isCsta, NO_CSTA, portsOf } from "./cstaForm";

/** The form of a switch: every value as it is typed. */
export interface SwitchDraft extends CstaDraft {
  id: string;
  name: string;
  kind: string;
  /** Numbers that lead to other switches; left as they are. */
  routes: SwitchView["routes"];
  address: string;
  port: string;
  tls: boolean;
  tls_ca: string;
  user: string;
  password: string;
  user_actions: string;
  password_actions: string;
  context: string;
  timeout_s: string;
  recordings_url: string;
  virtual_pbx: boolean;
  log_calls: string;
  trunks: string;
  country: string;
  trunk_prefix: string;
  international_prefix: string;
  outside_prefix: string;
  extension_pattern: string;
  /** One range a line: `+42055520XXXX; 8-11; 1`, see {@link ownNumbersOf}. */
  own_numbers: string;
}

/** Why a field cannot be taken; the page has the words. */
export type Fault =
  | "missing"
  | "id_form"
  | "port_range"
  | "timeout_range"
  | "not_digits"
  | "pattern_form"
  | "own_form"
  | "country_form"
  | "url_form"
  | "pem_form"
  | "one_line"
  | "password_missing"
  | CstaFault;

export type Faults = Partial<Record<keyof SwitchDraft, Fault>>;

/** What a new switch starts with: the two users of the snippet, the ports and prefixes most sites have. */
export const NEW_SWITCH: SwitchDraft = {
  id: "",
  name: "",
  kind: "asterisk",
  ...NO_CSTA,
  routes: [],
  address: "",
  port: "5038",
  tls: false,
  tls_ca: "",
  user: "cti-ev",
  password: "",
  user_actions: "cti-act",
  password_actions: "",
  context: "from-internal",
  timeout_s: "10",
  recordings_url: "",
  virtual_pbx: false,
  log_calls: "all",
  trunks: "",
  country: "CZ",
  trunk_prefix: "",
  international_prefix: "00",
  outside_prefix: "",
  extension_pattern: "XXX|XXXX",
  own_numbers: "",
};

/** The form of a switch that exists; its passwords stay where they are. */
export function draftOf(view: SwitchView): SwitchDraft {
  return {
    id: view.id,
    name: view.name,
    kind: view.kind,
    ...cstaDraftOf(view.csta),
    routes: view.routes,
    address: view.address,
    port: String(view.port),
    tls: view.tls,
    tls_ca: "",
    user: view.user,
    password: "",
    // The server names the one that listens where no other acts.
    user_actions: view.user_actions === view.user ? "" : view.user_actions,
    password_actions: "",
    context: view.context ?? "",
    timeout_s: String(view.timeout_s),
    recordings_url: view.recordings_url ?? "",
    virtual_pbx: view.virtual_pbx ?? false,
    log_calls: view.log_calls,
    trunks: (view.trunks ?? []).join(", "),
    ...view.numbers,
    own_numbers: linesOf(view.numbers.own_numbers ?? []),
  };
}

/** Looks through the form; `stored` tells that the switch exists and keeps a password that is left empty. */
export function faultsOf(draft: SwitchDraft, stored: boolean): Faults {
  const faults: Faults = {};
  for (const field of ["id", "name", "address", "user"] as const) {
    // A CSTA switch need not know users.
    if (draft[field].trim() === "" && (field !== "user" || !isCsta(draft.kind))) faults[field] = "missing";
  }
  if (!faults.id && !/^[a-z0-9][a-z0-9-]{0,31}$/.test(draft.id)) faults.id = "id_form";
  if (!inRange(draft.port, 1, 65_535)) faults.port = "port_range";
  if (!inRange(draft.timeout_s, 1, 120)) faults.timeout_s = "timeout_range";
  if (isCsta(draft.kind)) Object.assign(faults, cstaFaultsOf(draft));
  if (!stored && draft.password === "" && draft.user.trim() !== "") faults.password = "password_missing";
  if (!stored && draft.user_actions.trim() !== "" && draft.password_actions === "") faults.password_actions = "password_missing";
  for (const field of ["password", "password_actions"] as const) {
    if (/[\r\n]/.test(draft[field])) faults[field] = "one_line";
  }
  for (const field of ["trunk_prefix", "international_prefix", "outside_prefix"] as const) {
    if (!/^[0-9*#]*$/.test(draft[field])) faults[field] = "not_digits";
  }
  if (!/^[A-Z]{2}$/.test(draft.country)) faults.country = "country_form";
  if (!isPattern(draft.extension_pattern)) faults.extension_pattern = "pattern_form";
  if (ownNumbersOf(draft.own_numbers) === null) faults.own_numbers = "own_form";
  if (draft.recordings_url !== "" && !/^https?:\/\/[^\s]+$/.test(draft.recordings_url)) faults.recordings_url = "url_form";
  if (draft.tls_ca.trim() !== "" && !draft.tls_ca.includes("-----BEGIN CERTIFICATE-----")) faults.tls_ca = "pem_form";
  return faults;
}

/** Body of POST and PUT; passwords that were not typed are left out and stay as they are. */
export function bodyOf(draft: SwitchDraft) {
  const typed = (text: string) => text.trim() || null;
  return {
    id: draft.id.trim(),
    name: draft.name.trim(),
    kind: draft.kind,
    ...(isCsta(draft.kind) && { csta: cstaBodyOf(draft.kind, draft) }),
    routes: draft.routes,
    address: draft.address.trim(),
    port: Number(draft.port),
    tls: draft.tls,
    ...(draft.tls_ca.trim() !== "" && { tls_ca: draft.tls_ca }),
    user: draft.user.trim(),
    ...(draft.password !== "" && { password: draft.password }),
    user_actions: typed(draft.user_actions),
    ...(draft.password_actions !== "" && { password_actions: draft.password_actions }),
    context: typed(draft.context),
    timeout_s: Number(draft.timeout_s),
    recordings_url: typed(draft.recordings_url),
    virtual_pbx: draft.virtual_pbx,
    log_calls: draft.log_calls === "mapped" ? "mapped" : "all",
    trunks: trunksOf(draft.trunks),
    numbers: planOf(draft),
  } satisfies SwitchBody;
}

/** How numbers are written at the switch of a form. */
export function planOf(draft: SwitchDraft): SwitchBody["numbers"] {
  return {
    country: draft.country,
    trunk_prefix: draft.trunk_prefix,
    international_prefix: draft.international_prefix,
    outside_prefix: draft.outside_prefix,
    extension_pattern: draft.extension_pattern,
    own_numbers: ownNumbersOf(draft.own_numbers) ?? [],
  };
}

/**
 * Public numbers of the house from their lines; null when one cannot be read. A line has the numbers, first and last
 * place of the digits that make the extension, and what an extension has before them; the last two may be left out.
 */
export function ownNumbersOf(text: string): OwnRange[] | null {
  const ranges: OwnRange[] = [];
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    const [numbers = "", places = "", extension_prefix = "", ...more] = line.split(";").map((part) => part.trim());
    const [, first, last] = /^(\d{1,2})-(\d{1,2})$/.exec(places) ?? [];
    const isRead = /^\+[0-9X]{1,15}$/.test(numbers) && (places === "" || last !== undefined) && /^\d{0,6}$/.test(extension_prefix);
    if (!isRead || more.length > 0) return null;
    ranges.push({ numbers, extension_prefix, positions: last === undefined ? null : [Number(first), Number(last)] });
  }
  return ranges;
}

function linesOf(ranges: readonly OwnRange[]): string {
  const line = ({ numbers, extension_prefix, positions }: OwnRange) => [numbers, (positions ?? []).join("-"), extension_prefix ?? ""].join("; ").replace(/[; ]+$/, "");
  return ranges.map(line).join("\n");
}

/** The form for another kind: what the kind settles changes with it, the rest stays as it was typed. */
export function asKind(draft: SwitchDraft, kind: string): SwitchDraft {
  const next = { ...draft, kind, dialect: isCsta(kind) ? dialectOf(kind, draft.dialect)?.id ?? "" : "" };
  const users = ["user", "user_actions", "password", "password_actions"] as const;
  if (isCsta(draft.kind) !== isCsta(kind)) {
    // A secret made for a user of one kind is none for the other.
    for (const field of users) next[field] = isCsta(kind) ? "" : NEW_SWITCH[field];
  }
  return withUsualPort(draft, next);
}

/** A port that was the usual one becomes the usual one of what was chosen; any other stays. */
export function withUsualPort(before: SwitchDraft, next: SwitchDraft): SwitchDraft {
  const usual = (draft: SwitchDraft) => portsOf(draft.kind, draft.dialect)[draft.tls ? 1 : 0];
  return before.port === "" || before.port === usual(before) ? { ...next, port: usual(next) } : next;
}

function trunksOf(text: string): string[] {
  return text.split(/[,;\s]+/).filter((name) => name !== "");
}

function inRange(text: string, low: number, high: number): boolean {
  const value = Number(text);
  return /^\d{1,5}$/.test(text) && value >= low && value <= high;
}

function isPattern(text: string): boolean {
  return text.split("|").every((one) => /^[0-9X]{1,15}$/.test(one));
}

/** A first id for a name: what people would type themselves (“Head office” → `head-office`). */
export function idOf(name: string): string {
  const plain = name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 32);
}
