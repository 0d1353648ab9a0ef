import { describe, expect, it } from "vitest";
import { Notebook, type NoteHost } from "./notebook";

function desk(fails = false) {
  const kept = new Map<string, string>();
  const posted: string[] = [];
  let run: (() => void) | null = null;
  const host: NoteHost & { fails: boolean } = {
    fails,
    read: (call) => kept.get(call) ?? "",
    write: (call, text) => void kept.set(call, text),
    post: async (_, text) => {
      if (host.fails) throw new Error("offline");
      posted.push(text);
    },
    now: () => 1_000,
    after: (_, next) => {
      run = next;
      return () => {
        if (run === next) run = null;
      };
    },
  };
  const pass = async () => {
    run?.();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { notebook: new Notebook(host), host, posted, kept, pass };
}

describe("a note", () => {
  it("is saved once after the last key", async () => {
    const { notebook, posted, pass } = desk();
    notebook.type("c", "He");
    notebook.type("c", "Hello");
    expect(notebook.state("c").status).toBe("typing");
    await pass();
    expect(posted).toEqual(["Hello"]);
    expect(notebook.state("c")).toMatchObject({ status: "saved", savedAt: 1_000 });
  });

  it("is kept here while the server is away, and sent later", async () => {
    const { notebook, host, posted, pass } = desk(true);
    notebook.type("c", "Hello");
    await pass();
    expect(notebook.state("c").status).toBe("kept");
    host.fails = false;
    await pass();
    expect(posted).toEqual(["Hello"]);
  });

  it("sends after a reload what was begun before", async () => {
    const { notebook, kept, posted, pass } = desk();
    kept.set("c", "begun");
    notebook.open("c", "", null);
    await pass();
    expect(posted).toEqual(["begun"]);
  });

  it("sends nothing that the server has", async () => {
    const { notebook, kept, posted, pass } = desk();
    kept.set("c", "same");
    notebook.open("c", "same", 5);
    notebook.flush("c");
    await pass();
    expect(posted).toEqual([]);
    expect(notebook.state("c").status).toBe("saved");
  });
});
