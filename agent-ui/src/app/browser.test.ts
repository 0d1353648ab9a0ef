// covers: AGT-03 POP-24
// What needs a browser around it, with as much of one as it needs.
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

class Storage {
  readonly kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, text: string): void => void this.kept.set(key, text);
  removeItem = (key: string): void => void this.kept.delete(key);
}

const open = vi.fn<(url: string, name: string) => object | null>();
vi.stubGlobal("location", { origin: "https://desk.example" });
vi.stubGlobal("localStorage", new Storage());
vi.stubGlobal("window", { addEventListener: () => undefined, setTimeout, clearTimeout, open });
const { drafts } = await import("./drafts");
const { openWindow } = await import("./notify");
const { desk } = await import("../desk/desk");
const { PREFERENCES_KEY, savePreferences } = await import("./preferences");
const { queryClient } = await import("./query");
const { toasts } = await import("./toast");

afterAll(() => vi.unstubAllGlobals());

describe("a draft", () => {
  it("belongs to the person, not to the browser", () => {
    drafts.belongTo("anna");
    drafts.set("note:call_1", "hers");
    drafts.belongTo("boris");
    expect(drafts.get("note:call_1")).toBe("");
    drafts.set("note:call_1", "his");
    drafts.belongTo("anna");
    expect(drafts.get("note:call_1")).toBe("hers");
  });
});

describe("a card that was put away", () => {
  it("comes back when its call rings again, and no other does", () => {
    desk.close("call_1");
    desk.close("call_2");
    desk.comesBack("call_1");
    expect(desk.get().closed).toEqual(["call_2"]);
  });
});

describe("the window of a pop rule", () => {
  it("is refused, not thrown, when no browser takes the address", () => {
    open.mockImplementation(() => {
      throw new SyntaxError("invalid URL");
    });
    expect(openWindow("https://[::bad/", "crm")).toBe(false);
    open.mockReturnValue(null);
    expect(openWindow("https://crm.example/1", "crm")).toBe(false);
    expect(openWindow("javascript:alert(1)", "crm")).toBe(false);
  });
});

describe("settings that could not be read", () => {
  const stored = { theme: "dark", language: "cs", favourites: ["agt_1"], auto_connect: true, desk_device: "dev_1", sound: false, notifications: true, compact_rows: true };
  const asked: { method: string; body: unknown }[] = [];
  let answers = true;

  beforeEach(() => {
    asked.length = 0;
    queryClient.removeQueries({ queryKey: PREFERENCES_KEY });
    vi.stubGlobal("fetch", async (request: Request) => {
      const method = request.method;
      asked.push({ method, body: method === "PUT" ? await request.json() : null });
      if (!answers) throw new TypeError("no network");
      return Response.json(stored);
    });
  });

  it("are read before a change is saved over them", async () => {
    answers = true;
    await savePreferences({ compact_rows: false });
    await vi.waitFor(() => expect(asked.map(({ method }) => method)).toEqual(["GET", "PUT"]));
    expect(asked[1]?.body).toEqual({ ...stored, compact_rows: false });
  });

  it("stay as they are when they cannot be read either, and the person is told", async () => {
    answers = false;
    await savePreferences({ compact_rows: false });
    expect(asked.map(({ method }) => method)).toEqual(["GET"]);
    expect(queryClient.getQueryData(PREFERENCES_KEY)).toBeUndefined();
    expect(toasts.get().some(({ key }) => key === "preferences")).toBe(true);
  });
});
