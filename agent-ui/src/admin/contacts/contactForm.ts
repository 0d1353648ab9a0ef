import type { ContactView } from "../../api/types";
import type { OwnField } from "../../app/ownFields";

/** Most addresses that a contact has. */
export const ADDRESSES_MAX = 20;
/** Most keys in other systems. */
export const EXTERNAL_IDS_MAX = 20;

export const ADDRESS_KINDS = ["phone", "mobile", "email", "fax", "contact_centre", "other"] as const;
export type AddressKind = (typeof ADDRESS_KINDS)[number];

export interface AddressDraft {
  /** Only for the list of fields: it does not leave the page. */
  key: string;
  kind: AddressKind;
  address: string;
  label: string;
}

export interface ExternalIdDraft {
  key: string;
  system: string;
  id: string;
}

export interface ContactDraft {
  kind: "person" | "company";
  name: string;
  company: string;
  status: string;
  addresses: readonly AddressDraft[];
  externalIds: readonly ExternalIdDraft[];
  /** Own fields as text, by key; yes and no as `true` and `false`. */
  fields: Readonly<Record<string, string>>;
  note: string;
}

export function emptyContact(number = ""): ContactDraft {
  return { kind: "person", name: "", company: "", status: "", addresses: [{ key: "0", kind: "phone", address: number, label: "" }], externalIds: [], fields: {}, note: "" };
}

export function contactDraftOf(view: ContactView): ContactDraft {
  return {
    kind: view.kind === "company" ? "company" : "person",
    name: view.name,
    company: view.company ?? "",
    status: view.status ?? "",
    addresses: view.addresses.map((one, at) => ({ key: String(at), kind: kindOf(one.kind), address: one.e164 ?? one.address, label: one.label ?? "" })),
    externalIds: view.external_ids.map((one, at) => ({ key: String(at), ...one })),
    fields: Object.fromEntries(Object.entries(view.fields as Record<string, unknown>).map(([key, value]) => [key, String(value)])),
    note: view.note ?? "",
  };
}

const kindOf = (kind: string): AddressKind => ADDRESS_KINDS.find((one) => one === kind) ?? "other";

export type ContactFault = "missing" | "email_form" | "number_form";

/** What is wrong with the form before the server is asked. Numbers to call are read by the server's rules. */
export function contactFaults(draft: ContactDraft, own: readonly OwnField[] = []): Record<string, ContactFault> {
  const faults: Record<string, ContactFault> = {};
  if (draft.name.trim() === "") faults.name = "missing";
  for (const { key, kind, address } of draft.addresses) {
    if (kind === "email" && address.trim() !== "" && !/^[^\s@]+@[^\s@]+$/.test(address.trim())) faults[`address ${key}`] = "email_form";
  }
  for (const field of own.filter(({ active }) => active)) {
    const text = draft.fields[field.key]?.trim() ?? "";
    if (field.required && text === "") faults[`fields.${field.key}`] = "missing";
    if (field.type === "number" && text !== "" && Number.isNaN(numberOf(text))) faults[`fields.${field.key}`] = "number_form";
  }
  return faults;
}

/** A number as people write it here: spaces between groups, comma or point. */
const numberOf = (text: string): number => Number(text.replaceAll(/\s/g, "").replace(",", "."));

/** Body of POST and PATCH: empty texts are taken away, empty lines are left out. */
export function contactBody(draft: ContactDraft, own: readonly OwnField[] = []) {
  const typed = (text: string) => text.trim() || null;
  return {
    kind: draft.kind,
    name: draft.name.trim(),
    company: draft.kind === "person" ? typed(draft.company) : null,
    status: typed(draft.status),
    addresses: sentAddresses(draft).map(({ kind, address, label }) => ({ kind, address: address.trim(), label: typed(label) })),
    external_ids: sentIds(draft).map(({ system, id }) => ({ system, id: id.trim() })),
    fields: Object.fromEntries(own.filter(({ active }) => active).map((field) => [field.key, valueOf(field, draft.fields[field.key] ?? "")])),
    note: typed(draft.note),
  };
}

function valueOf(field: OwnField, text: string): string | number | boolean | null {
  const said = text.trim();
  if (said === "") return null;
  if (field.type === "yes_no") return said === "true";
  return field.type === "number" ? numberOf(said) : said;
}

const sentAddresses = ({ addresses }: ContactDraft): AddressDraft[] => addresses.filter((one) => one.address.trim() !== "");
const sentIds = ({ externalIds }: ContactDraft): ExternalIdDraft[] => externalIds.filter((one) => one.id.trim() !== "");

/** Faults of the server by the line that is shown: address 1 sent may be line 2 of the form. */
export function lineErrors(draft: ContactDraft, fields: Record<string, string>): Record<string, string> {
  const named = (name: string, part: string, keys: readonly string[]) => keys.flatMap((key, at) => {
    const words = fields[`${name}.${at}.${part}`] ?? fields[`${name}.${at}`];
    return words === undefined ? [] : [[`${name === "addresses" ? "address" : "id"} ${key}`, words] as const];
  });
  const addresses = named("addresses", "address", sentAddresses(draft).map(({ key }) => key));
  const ids = named("external_ids", "id", sentIds(draft).map(({ key }) => key));
  return Object.fromEntries([...addresses, ...ids]);
}
