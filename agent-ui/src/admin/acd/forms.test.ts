import { describe, expect, it } from "vitest";
import { clockOf, freeKey, freshWhen, isHoliday, keyOf, minutesOf, moved, queueFaults, queueForm, readNumber, settled, settledNew, type QueueForm, wholeForm, wordsOf } from "./forms";

describe("settings of a queue as a form", () => {
  // covers: ADM-12
  it("a key is made out of the name as dialplans write it", () => {
    expect(keyOf("Zákaznická linka – Praha 1")).toBe("zakaznicka-linka-praha-1");
    expect(keyOf("  ")).toBe("");
    expect(keyOf("x".repeat(60))).toHaveLength(40);
  });

  it("says what is missing before the server is asked", () => {
    expect(queueFaults(queueForm(undefined))).toEqual({ name: "missing", key: "key_form" });
    expect(queueFaults({ ...queueForm(undefined), name: "Prodej", key: "prodej" })).toEqual({});
    expect(queueFaults({ ...queueForm(undefined), name: "Prodej", key: "Prodej 1" })).toEqual({ key: "key_form" });
  });

  // covers: RTE-35
  it("a fresh key is one that nothing else is taken by", () => {
    expect([freeKey([]), freeKey(["1", "2"]), freeKey([..."0123456789*#"])]).toEqual(["1", "3", ""]);
    expect(["now", "after", "at"].map((kind) => freshWhen(kind).kind)).toEqual(["now", "after", "at"]);
  });

  it("a draft that is older than a setting has it as at first", () => {
    const { keys: _, ...old } = queueForm(undefined);
    const draft = { ...old, sounds: { music: "jazz" } } as unknown as Partial<QueueForm>;
    expect(wholeForm(draft)).toMatchObject({ keys: [], sounds: { music: "jazz", callback_times: [] } });
  });

  it("reads numbers within their bounds only", () => {
    expect([readNumber("15", 5, 120), readNumber(" 5 ", 5, 120), readNumber("4", 5, 120), readNumber("121", 5, 120), readNumber("1e2", 5, 120), readNumber("", 5, 120), readNumber("-3", -10, 10)]).toEqual([15, 5, null, null, null, null, -3]);
  });

  it("words stand between commas, each once", () => {
    expect(wordsOf("Praha, , Brno,Praha ")).toEqual(["Praha", "Brno"]);
  });
});

describe("opening hours as a form", () => {
  it("clocks and minutes go both ways, to the end of the day", () => {
    for (const [text, minutes] of [["00:00", 0], ["08:30", 510], ["24:00", 1_440]] as const) {
      expect(minutesOf(text)).toBe(minutes);
      expect(clockOf(minutes)).toBe(text);
    }
    expect([minutesOf("24:01"), minutesOf("8:60"), minutesOf("8"), minutesOf("8.15")]).toEqual([null, null, null, 495]);
  });

  it("a holiday is a day that exists, of one year or of every", () => {
    expect(["2026-12-24", "--12-24", "--02-29"].every(isHoliday)).toBe(true);
    expect(["2026-02-29", "--13-01", "24. 12.", ""].some(isHoliday)).toBe(false);
  });
});

// covers: ADM-12
it("what was typed while a form was saved stays, over the version that came of it", () => {
  expect(settled({ etag: "1", value: { name: "a" } }, { name: "a" }, "2")).toBeNull();
  expect(settled({ etag: "1", value: { name: "ab" } }, { name: "a" }, "2")).toEqual({ etag: "2", value: { name: "ab" } });
  expect(settled(null, { name: "a" }, "2")).toBeNull();
});

// covers: ADM-12
it("what was typed while a queue was made is typed for the queue that came of it, whose key stands", () => {
  const sent = { ...queueForm(undefined), name: "Prodej", key: "prodej" };
  expect(settledNew({ etag: null, value: { ...sent, name: "Prodej 2", key: "prodej-2" } }, sent, "1")).toEqual({ etag: "1", value: { ...sent, name: "Prodej 2" } });
  expect(settledNew({ etag: null, value: { ...sent, key: "other" } }, sent, "1")).toBeNull();
  expect(settledNew(null, sent, "1")).toBeNull();
});

it("a rule moves one place and never out of the table", () => {
  expect(moved(["a", "b", "c"], 2, 1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 2)).toEqual(["a", "b"]);
});
