import { describe, expect, it } from "vitest";
import { templateFault, withPlaceholder } from "./template";

describe("the address of a pop", () => {
  it.each([
    ["", { fault: "missing" }],
    ["javascript:alert(1)", { fault: "scheme" }],
    ["{number.e164}", { fault: "scheme" }],
    ["https://{name}.example/x", { fault: "scheme" }],
    ["https://crm.example/?n={number.e164", { fault: "braces" }],
    ["https://crm.example/?n={phone}", { fault: "unknown", name: "phone" }],
    ["https://crm.example/?n={number.e164|none}&o={data.order}", null],
  ])("%s is judged", (text, fault) => {
    expect(templateFault(text)).toEqual(fault);
  });

  it("takes a placeholder where the cursor stands", () => {
    expect(withPlaceholder("https://crm.example/?n=&x=1", 23, 23, "number.e164")).toEqual({ text: "https://crm.example/?n={number.e164}&x=1", cursor: 36 });
  });
});
