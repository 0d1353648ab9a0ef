import { describe, expect, it } from "vitest";
import type { AgentView, DeviceView, ExtensionView, QueueView, UserView } from "../../api/types";
import { filteredRows, loginOf, phoneRows } from "./rows";

const AT = "2026-01-01T00:00:00Z";

function device(extension: string | null, kind = "station"): DeviceView {
  return { id: `dev_${extension ?? "none"}`, switch: "pbx", pbx_id: `PJSIP/${extension ?? "door"}`, kind, extension, name: null, state: "idle", since: AT, user: null, agent: null, calls: [], capabilities: {} };
}
const ENTRY: ExtensionView = { id: "ext_1", switch: "pbx", extension: "102", number: "+420555100102", contact: null, caller_id: null, record: false, user: "usr_1", active: true, devices: [] };
const USER: UserView = { id: "usr_1", login: "vondrova", name: "Klára Vondrová", language: "cs", roles: ["agent"], team: null, site: null, active: true, has_password: true, created_at: AT, changed_at: AT, removed_at: null };
const QUEUE: QueueView = { id: "que_1", switch: "pbx", pbx_id: "sales", name: "Sales", kind: "mirrored", members: 1, waiting: 0, wrap_up_ms: 0, active: true, handle_ms: 0 };
const AGENT: AgentView = { id: "agt_1", device: "dev_103", extension: "103", name: "Tomáš", origin: "pbx", user: null, profile: { skills: {}, groups: [], capacity: {}, unit: null }, queues: [{ agent: "agt_1", queue: "que_1", dynamic: false, paused: false, reason: null, level: 0, signed_in: true }], state: { chosen: "ready", effective: "ready", since: AT } };

const PARTS = { devices: [device("1001"), device(null), device("103"), device("102"), device("trunk", "trunk")], extensions: [ENTRY, { ...ENTRY, id: "ext_2", extension: "299", user: null }], agents: [AGENT], users: [USER], queues: [QUEUE] };

describe("phones and people", () => {
  it("are one row per phone, by extension, with rows of the list that no phone has", () => {
    expect(phoneRows(PARTS).map((row) => row.extension)).toEqual(["102", "103", "299", "1001", ""]);
  });

  it("know the person of the extension list and the queues of the member", () => {
    const rows = phoneRows(PARTS);
    expect(rows[0]).toMatchObject({ entry: { id: "ext_1" }, user: { name: "Klára Vondrová" } });
    expect(rows[1]?.queues).toEqual([QUEUE]);
    expect(rows[2]?.device).toBeNull();
  });

  it("are found without accents and by view", () => {
    const rows = phoneRows(PARTS);
    expect(filteredRows(rows, "all", "vondrova").map((row) => row.extension)).toEqual(["102"]);
    expect(filteredRows(rows, "no_person", "").map((row) => row.extension)).toEqual(["103", "299", "1001", ""]);
    expect(filteredRows(rows, "members", "").map((row) => row.extension)).toEqual(["103"]);
    expect(filteredRows(rows, "not_seen", "").map((row) => row.extension)).toEqual(["299"]);
  });

  it("get a login that nobody has", () => {
    expect(loginOf("Klára Vondrová", new Set())).toBe("vondrova");
    expect(loginOf("Eva Vondrová", new Set(["vondrova", "vondrova2"]))).toBe("vondrova3");
    expect(loginOf("", new Set())).toBe("");
  });
});
