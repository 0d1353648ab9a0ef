// covers: AGT-01 TEL-08
import { afterEach, describe, expect, it } from "vitest";
import { setLocale } from "../i18n/generated/runtime.js";
import { duration, initials, partyName, phone } from "./format";
import { cleanPaste, looksDialable } from "./numbers";

afterEach(() => void setLocale("en", { reload: false }));

describe("format", () => {
  it.each([
    [-5_000, "00:00"],
    [0, "00:00"],
    [59_999, "00:59"],
    [3_599_000, "59:59"],
    [3_600_000, "1:00:00"],
    [86_399_000, "23:59:59"],
    [93_780_000, "1\u00a0d\u00a02:03"],
  ])("writes %d ms as %s", (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it.each([
    ["+420605550142", "+420\u00a0605\u00a0550\u00a0142"],
    ["+4930123456", "+49\u00a0301\u00a0234\u00a056"],
    ["+12025550142", "+1\u00a0202\u00a0555\u00a00142"],
    ["1043", "1043"],
    ["*21#", "*21#"],
  ])("groups %s and leaves extensions bare", (raw, shown) => {
    expect(phone(raw).replaceAll("\u00a0", "")).toBe(raw);
    if (raw.startsWith("+420")) expect(phone(raw)).toBe(shown);
  });

  it("falls back from contact to firm, name, number and withheld", () => {
    const number = { raw: "605550142", kind: "external", e164: "+420605550142" };
    expect(partyName({ withheld: false, number, name: "JANA" }, { name: "Jana", company: "Lipa" })).toBe("Jana");
    expect(partyName({ withheld: false, number, name: "JANA" }, { name: "", company: "Lipa" })).toBe("Lipa");
    expect(partyName({ withheld: false, number, name: "JANA" })).toBe("JANA");
    expect(partyName({ withheld: false, number, name: "+420605550142" })).toBe("+420\u00a0605\u00a0550\u00a0142");
    expect(partyName({ withheld: true })).toBe("Number withheld");
    expect(partyName({ withheld: false })).toBe("Unknown number");
  });

  it("takes first letters of first and last word in any script of ours", () => {
    expect([initials("Klára Vondrová"), initials("žofie"), initials("Jan van der Berg"), initials("  ")]).toEqual(["KV", "Ž", "JB", ""]);
  });
});

describe("what is typed to be dialled", () => {
  it.each(["603123456", "+420 603 123 456", "(0)603/123456", "*21#", "tel:603123456", "1050"])("dials %s", (text) => {
    expect(looksDialable(text)).toBe(true);
  });
  it.each(["", "Jana", "  ", "Lipová truhlárna 5"])("looks %s up", (text) => {
    expect(looksDialable(text)).toBe(false);
  });
  it("cleans what is pasted and keeps every digit", () => {
    expect(cleanPaste("tel:+420\u00a0603\n123\u200b456 ")).toBe("+420 603 123 456");
    expect(cleanPaste("123456789012345")).toBe("123456789012345");
  });
});
