// covers: SUP-17
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../domain/alerts";
import { readLimits } from "./limits";

describe("limits kept in a browser", () => {
  it("are the defaults where nothing or nonsense is kept", () => {
    for (const text of [null, "", "x", "3", "null", '{"callMin":-1,"waitS":"9"}']) expect(readLimits(text)).toEqual(DEFAULT_LIMITS);
  });
  it("are what was written, also never", () => {
    expect(readLimits('{"callMin":0,"pauseMin":20,"waitS":60,"agentsLeft":null}')).toEqual({ callMin: 0, pauseMin: 20, waitS: 60, agentsLeft: null });
  });
});
