// covers: RTE-36
import { describe, expect, it } from "vitest";
import type { CallbackForm } from "../../api/types";
import { faultsOf, formFaults, formPath, frameOf, freshForm, halves, spoken, withText } from "./callbackForms";

const whole: CallbackForm = { ...freshForm("que_1"), key: "shop", titles: { cs: "Zavoláme" }, consent: { cs: "Souhlasím." } };

describe("forms for callbacks", () => {
  it("a whole one has no fault, a fresh one says what it lacks", () => {
    expect(formFaults([whole], 0)).toEqual({});
    expect(formFaults([freshForm("")], 0)).toEqual({ key: "key_form", queue: "missing", texts: "no_language" });
    expect(faultsOf([whole, freshForm("")])).toBe(3);
  });

  it("two forms never share an address", () => {
    expect(formFaults([whole, { ...whole }], 1)).toEqual({ key: "twice" });
  });

  it("beginnings of numbers have a plus and digits, sites a scheme and a host", () => {
    expect(formFaults([{ ...whole, prefixes: ["+420", "00421"], origins: ["https://www.example.com", "www.example.com", "https://a/b"] }], 0)).toEqual({ prefixes: "prefix", origins: "origin" });
    expect(formFaults([{ ...whole, prefixes: ["+420", "+421"], origins: ["https://www.example.com:8443"] }], 0)).toEqual({});
  });

  it("speaks the languages in which consent is written, each with its heading", () => {
    const half = { ...whole, consent: withText(whole.consent, "de", "Einverstanden.") };
    expect([spoken(half), halves(half)]).toEqual([["cs", "de"], ["de"]]);
    expect(formFaults([half], 0)).toEqual({ texts: "half" });
    expect(withText(half.consent, "de", "")).toEqual(whole.consent);
  });

  it("stands at its address, and what a site takes over cannot leave its quotes", () => {
    expect(formPath("shop", "cs")).toBe("/callback-form/shop?lang=cs");
    expect(frameOf("https://a/?x=1&y=2", 'Say "hello" <b>')).toBe('<iframe src="https://a/?x=1&amp;y=2" title="Say &quot;hello&quot; &lt;b>" width="100%" height="560"></iframe>');
  });
});
