import { describe, expect, it } from "vitest";
import { clockOf, dataWay, minutesOf, readNumber } from "./forms";
import { draftOf, type Typed, typedOver, type Way } from "./typed";

/** Types key after key, as a person does, and says what the form holds after each. */
function keys<T>(texts: readonly string[], value: T, way: Way<T, string>): { values: T[]; shown: string[] } {
  let held = value;
  let typed: Typed<T, string> | null = null;
  const told = { values: [] as T[], shown: [] as string[] };
  for (const text of texts) {
    typed = typedOver(text, held, way);
    held = typed.value;
    told.values.push(held);
    told.shown.push(draftOf(typed, held, way));
  }
  return told;
}

const seconds: Way<number, string> = {
  show: (ms) => String(ms / 1_000),
  read: (text) => { const read = readNumber(text, 5, 120); return read === null ? undefined : read * 1_000; },
};
const priority: Way<number, string> = { show: String, read: (text) => readNumber(text, -10_000, 10_000) ?? undefined };
const clock: Way<number, string> = { show: clockOf, read: (text) => minutesOf(text) ?? undefined };

describe("what is typed key by key", () => {
  // covers: ADM-12
  it("a number grows over a text that is below its bounds, and the form keeps the value before meanwhile", () => {
    expect(keys(["", "1", "15"], 20_000, seconds)).toEqual({ values: [20_000, 20_000, 15_000], shown: ["", "1", "15"] });
  });

  it("a number below zero begins with its sign", () => {
    expect(keys(["", "-", "-5"], 0, priority)).toEqual({ values: [0, 0, -5], shown: ["", "-", "-5"] });
  });

  // covers: RTE-02
  it("a clock that is none stays to be mended, and is not taken", () => {
    expect(keys(["2", "25:00", "9:00"], 480, clock)).toEqual({ values: [480, 480, 540], shown: ["2", "25:00", "9:00"] });
  });

  it("text typed over one value is not shown for another", () => {
    expect(draftOf({ draft: "9:0", value: 480 }, 600, clock)).toBe("10:00");
    expect(draftOf(null, 600, clock)).toBe("10:00");
  });
});

// covers: RTE-04
it("a name typed through another's name loses no value", () => {
  const before = { plan: "gold", pla: "silver" };
  const rows = dataWay.show(before);
  const through = rows.map((row) => (row.key === "plan" ? { ...row, key: "pla" } : row));
  const typed = typedOver(through, before, dataWay);
  expect(typed).toEqual({ draft: through, value: before });
  const done = typedOver(through.map((row, at) => (at === 0 ? { ...row, key: "planet" } : row)), typed.value, dataWay);
  expect(done.value).toEqual({ planet: "gold", pla: "silver" });
  expect(dataWay.read([{ key: " ", value: "x" }])).toBeUndefined();
});
