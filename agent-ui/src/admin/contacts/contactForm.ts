import type { ContactView } from "../../api/types";

/** Most numbers that a contact may have in the form. */
export const NUMBERS_MAX = 10;

export interface NumberDraft {
  /** Only for the list of fields: it does not leave the page. */
  key: string;
  number: string;
  label: string;
}

export interface ContactDraft {
  kind: "person" | "company";
  name: string;
  company: string;
  numbers: readonly NumberDraft[];
  email: string;
  external_id: string;
  note: string;
}

export function emptyContact(number = ""): ContactDraft {
  return { kind: "person", name: "", company: "", numbers: [{ key: "0", number, label: "" }], email: "", external_id: "", note: "" };
}

export function contactDraftOf(view: ContactView): ContactDraft {
  return {
    kind: view.kind === "company" ? "company" : "person",
    name: view.name,
    company: view.company ?? "",
    numbers: view.numbers.map((one, at) => ({ key: String(at), number: one.e164 ?? one.number, label: one.label ?? "" })),
    email: view.email ?? "",
    external_id: view.external_id ?? "",
    note: view.note ?? "",
  };
}

export type ContactFault = "missing" | "email_form";

/** What is wrong with the form before the server is asked. Numbers are read by the server's rules. */
export function contactFaults(draft: ContactDraft): Record<string, ContactFault> {
  const faults: Record<string, ContactFault> = {};
  if (draft.name.trim() === "") faults.name = "missing";
  if (draft.email.trim() !== "" && !/^[^\s@]+@[^\s@]+$/.test(draft.email.trim())) faults.email = "email_form";
  return faults;
}

/** Body of POST and PATCH: empty texts are taken away, empty numbers are left out. */
export function contactBody(draft: ContactDraft) {
  const typed = (text: string) => text.trim() || null;
  const numbers = draft.numbers.filter((one) => one.number.trim() !== "");
  return {
    kind: draft.kind,
    name: draft.name.trim(),
    company: draft.kind === "person" ? typed(draft.company) : null,
    numbers: numbers.map((one) => ({ number: one.number.trim(), label: typed(one.label) })),
    email: typed(draft.email),
    external_id: typed(draft.external_id),
    note: typed(draft.note),
  };
}

/** Faults of the server by the place of the field in the form: number 1 sent may be field 2 shown. */
export function numberErrors(draft: ContactDraft, fields: Record<string, string>): Record<string, string> {
  const sent = draft.numbers.filter((one) => one.number.trim() !== "");
  const named = sent.flatMap((one, at) => {
    const words = fields[`numbers.${at}.number`] ?? fields[`numbers.${at}`];
    return words === undefined ? [] : [[one.key, words] as const];
  });
  return Object.fromEntries(named);
}
