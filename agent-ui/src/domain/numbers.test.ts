// covers: TEL-09
import { describe, expect, it } from "vitest";
import { cleanPaste, DIAL_LONGEST, looksDialable } from "./numbers";

describe("what is pasted or linked", () => {
  it("loses its scheme and keeps its extension", () => {
    expect(cleanPaste("tel:+420-605-550-142;ext=12")).toBe("+420-605-550-142 ext. 12");
    expect(cleanPaste(" TEL:+420605550142\r\n")).toBe("+420605550142");
    expect(cleanPaste("callto:605 550 142")).toBe("605 550 142");
    expect(looksDialable(cleanPaste("tel:+420-605-550-142;ext=12"))).toBe(true);
  });

  it("keeps what the server has to refuse", () => {
    expect(cleanPaste("tel:1234;phone-context=example.com")).toBe("1234;phone-context=example.com");
    expect(looksDialable("hello")).toBe(false);
    expect(cleanPaste("6".repeat(200))).toHaveLength(DIAL_LONGEST);
  });
});
