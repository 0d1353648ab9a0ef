import { describe, expect, it } from "vitest";
import { contactBody, contactFaults, emptyContact, numberErrors, type ContactDraft } from "./contactForm";

const DRAFT: ContactDraft = {
  ...emptyContact(),
  name: " Radek Havlena ",
  numbers: [{ key: "a", number: " ", label: "x" }, { key: "b", number: "605 550 142", label: "" }],
  email: "radek@example.com",
};

describe("the form of a contact", () => {
  it("leaves out empty numbers and trims texts", () => {
    expect(contactBody(DRAFT)).toMatchObject({ name: "Radek Havlena", company: null, note: null, numbers: [{ number: "605 550 142", label: null }] });
  });

  it("a company has no company", () => {
    expect(contactBody({ ...DRAFT, kind: "company", company: "Brázda" }).company).toBeNull();
  });

  it("tells what is missing", () => {
    expect(contactFaults({ ...DRAFT, name: " ", email: "radek" })).toEqual({ name: "missing", email: "email_form" });
  });

  it("puts the server's fault of a number at its field", () => {
    expect(numberErrors(DRAFT, { "numbers.0.number": "no number" })).toEqual({ b: "no number" });
  });
});
