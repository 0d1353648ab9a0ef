// covers: INT-15
import { describe, expect, it } from "vitest";
import { isOrigin, snippetOf } from "./frames";

describe("pages that may frame the desk", () => {
  it("are named by scheme and host alone", () => {
    for (const good of ["https://acme.my.salesforce.com", "https://crm.example:8443", "http://localhost:9000"]) expect(isOrigin(good), good).toBe(true);
    for (const bad of ["", "*", "https://*.example", "crm.example", "https://crm.example/desk", "https://a b", "https://.example", "javascript:alert(1)"]) expect(isOrigin(bad), bad).toBe(false);
  });

  it("take in the script of this desk", () => {
    expect(snippetOf("https://cti.example")).toContain('src="https://cti.example/embed/host.js"');
  });
});
