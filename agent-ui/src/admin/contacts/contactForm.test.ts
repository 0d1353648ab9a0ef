// covers: POP-05 POP-06
import { describe, expect, it } from "vitest";
import type { OwnField } from "../../app/ownFields";
import { contactBody, type ContactDraft, contactFaults, emptyContact, lineErrors } from "./contactForm";

const DRAFT: ContactDraft = {
  ...emptyContact(),
  name: " Radek Havlena ",
  status: " VIP ",
  addresses: [{ key: "a", kind: "phone", address: " ", label: "x" }, { key: "b", kind: "mobile", address: "605 550 142", label: "" }, { key: "c", kind: "email", address: "radek@example.com", label: "work" }],
  externalIds: [{ key: "a", system: "icis", id: " " }, { key: "b", system: "erp", id: " 42 " }],
};
const field = (key: string, type: string, more: Partial<OwnField> = {}): OwnField => ({ key, type, labels: { en: key }, required: false, searchable: false, choices: [], position: 1, active: true, ...more });

describe("the form of a contact", () => {
  it("leaves out empty lines and trims texts", () => {
    expect(contactBody(DRAFT)).toEqual({
      kind: "person",
      name: "Radek Havlena",
      company: null,
      status: "VIP",
      addresses: [{ kind: "mobile", address: "605 550 142", label: null }, { kind: "email", address: "radek@example.com", label: "work" }],
      external_ids: [{ system: "erp", id: "42" }],
      fields: {},
      note: null,
    });
  });

  it("a company has no company", () => {
    expect(contactBody({ ...DRAFT, kind: "company", company: "Brázda" }).company).toBeNull();
  });

  it("sends own fields as what they are, takes emptied ones away, and leaves hidden ones alone", () => {
    const own = [field("born", "date"), field("limit", "number"), field("vip", "yes_no"), field("plan", "choice"), field("old", "text", { active: false })];
    const typed = { ...DRAFT, fields: { born: "1980-02-03", limit: "1 200,5", vip: "false", plan: "", old: "x" } };
    expect(contactBody(typed, own).fields).toEqual({ born: "1980-02-03", limit: 1_200.5, vip: false, plan: null });
  });

  it("tells what is missing, and what is no address or number", () => {
    const own = [field("plan", "text", { required: true }), field("limit", "number"), field("old", "text", { required: true, active: false })];
    const wrong = { ...DRAFT, name: " ", addresses: [{ key: "c", kind: "email" as const, address: "radek", label: "" }], fields: { limit: "many" } };
    expect(contactFaults(wrong, own)).toEqual({ name: "missing", "address c": "email_form", "fields.plan": "missing", "fields.limit": "number_form" });
  });

  it("puts the server's fault of an address or a key at its line", () => {
    expect(lineErrors(DRAFT, { "addresses.0.address": "no number", "external_ids.0.id": "taken" })).toEqual({ "address b": "no number", "id b": "taken" });
  });
});
