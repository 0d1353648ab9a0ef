import { describe, expect, it } from "vitest";
import { bodyOf, draftOf, faultsOf, idOf, NEW_SWITCH, type SwitchDraft } from "./switchForm";

const GOOD: SwitchDraft = { ...NEW_SWITCH, id: "hq", name: "Head office", address: "pbx.example", password: "one", password_actions: "two" };

describe("the form of a switch", () => {
  it("wants id, name, address, user and, when new, both passwords", () => {
    expect(faultsOf(NEW_SWITCH, false)).toMatchObject({
      id: "missing", name: "missing", address: "missing", password: "password_missing", password_actions: "password_missing",
    });
    expect(faultsOf(GOOD, false)).toEqual({});
    expect(faultsOf({ ...GOOD, password: "", password_actions: "" }, true)).toEqual({});
  });

  it.each<[Partial<SwitchDraft>, object]>([
    [{ id: "Head Office" }, { id: "id_form" }],
    [{ port: "70000" }, { port: "port_range" }],
    [{ timeout_s: "0" }, { timeout_s: "timeout_range" }],
    [{ outside_prefix: "0w" }, { outside_prefix: "not_digits" }],
    [{ extension_pattern: "1XXX|" }, { extension_pattern: "pattern_form" }],
    [{ recordings_url: "ftp://x" }, { recordings_url: "url_form" }],
    [{ tls_ca: "no certificate" }, { tls_ca: "pem_form" }],
    [{ password: "a\nb" }, { password: "one_line" }],
  ])("tells what is wrong with %j", (change, faults) => {
    expect(faultsOf({ ...GOOD, ...change }, false)).toEqual(faults);
  });

  it("sends no password that was not typed", () => {
    const body = bodyOf({ ...GOOD, password: "", password_actions: "" });
    expect(body).not.toHaveProperty("password");
    expect(body).not.toHaveProperty("password_actions");
    expect(bodyOf({ ...GOOD, trunks: "o2, gsm-*" }).trunks).toEqual(["o2", "gsm-*"]);
  });

  it("survives the way to the server and back", () => {
    const { password, password_actions, tls_ca, ...view } = bodyOf(GOOD);
    expect(password).toBe("one");
    expect(password_actions).toBe("two");
    expect(tls_ca).toBeUndefined();
    const draft = draftOf({ ...view, user_actions: view.user_actions ?? "", origin: "store", read_only: false, enabled: true, password_set: true, tls_ca_set: false, version: 1, link: null });
    expect(draft).toEqual({ ...GOOD, password: "", password_actions: "" });
  });

  it("leaves the acting user out where the one that listens acts, and what a CSTA switch needs as it is", () => {
    const csta = { dialect: "mitel-mx-one", framing: null, phase: null, session: null, switch_name: "", stations: ["1001-1020"], queues: [], route_points: [{ device: "800", target: "600" }] };
    const routes = [{ to: "praha", prefix: "8", caller_id: null }];
    const view = { ...bodyOf(GOOD), kind: "csta-xml", csta, routes, user: "", user_actions: "", origin: "store", read_only: false, enabled: true, password_set: true, tls_ca_set: false, version: 1, link: null };
    const draft = draftOf(view);
    expect(faultsOf(draft, true)).toEqual({});
    expect(bodyOf(draft)).toMatchObject({ kind: "csta-xml", csta, routes, user: "", user_actions: null });
    expect(bodyOf(draftOf({ ...view, user: "cti", user_actions: "cti" })).user_actions).toBeNull();
  });

  it("makes an id of a name", () => {
    expect(idOf("Žižkov – ústředna č. 2")).toBe("zizkov-ustredna-c-2");
  });
});
