import { describe, expect, it } from "vitest";
import page from "../../../../docs/switches.md?raw";
import { cstaBodyOf, cstaDraftOf, DIALECTS, dialectsOf, NO_CSTA } from "./cstaForm";
import { asKind, bodyOf, draftOf, faultsOf, idOf, NEW_SWITCH, type SwitchDraft, withUsualPort } from "./switchForm";

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
    [{ own_numbers: "+42055520XXXX; 8" }, { own_numbers: "own_form" }],
    [{ own_numbers: "55520XXXX" }, { own_numbers: "own_form" }],
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

  // covers: ADM-08
  it("reads public numbers of the house line by line, and shows them so again", () => {
    const own_numbers = "+42055520XXXX; 8-11\n+420555200XXX; ; 1\n+420555300XXX";
    const { numbers } = bodyOf({ ...GOOD, own_numbers: `${own_numbers}\n\n` });
    expect(numbers?.own_numbers).toEqual([
      { numbers: "+42055520XXXX", extension_prefix: "", positions: [8, 11] },
      { numbers: "+420555200XXX", extension_prefix: "1", positions: null },
      { numbers: "+420555300XXX", extension_prefix: "", positions: null },
    ]);
    const view = { ...bodyOf({ ...GOOD, own_numbers }), user_actions: "", origin: "store", read_only: false, enabled: true, password_set: true, tls_ca_set: false, version: 1, link: null };
    expect(draftOf(view).own_numbers).toBe(own_numbers);
  });

  it("leaves the acting user out where the one that listens acts, and what a CSTA switch needs as it is", () => {
    const csta = { dialect: "mitel-mx-one", framing: null, phase: null, session: null, switch_name: "", stations: ["1001-1020"], queues: [{ number: "600", name: "Support", wrap_up_s: 10 }, { number: "601", name: null, wrap_up_s: 0 }], route_points: [{ device: "800", target: "600" }] };
    const routes = [{ to: "praha", prefix: "8", caller_id: null }];
    const view = { ...bodyOf(GOOD), kind: "csta-xml", csta, routes, user: "", user_actions: "", origin: "store", read_only: false, enabled: true, password_set: true, tls_ca_set: false, version: 1, link: null };
    const draft = draftOf(view);
    expect(faultsOf(draft, true)).toEqual({});
    expect(bodyOf(draft)).toMatchObject({ kind: "csta-xml", csta, routes, user: "", user_actions: null });
    expect(bodyOf(draftOf({ ...view, user: "cti", user_actions: "cti" })).user_actions).toBeNull();
  });

  it("offers the dialects that the server knows, by kind", () => {
    const known = [...page.matchAll(/^### `([^`]+)`$/gm)].map(([, name]) => name);
    expect(DIALECTS.map((one) => one.id).toSorted()).toEqual(known.toSorted());
    expect(dialectsOf("csta-asn1").map((one) => one.id)).toContain("mitel-mivoice5000");
    expect(dialectsOf("avaya-dmcc").map((one) => one.id)).toEqual(["avaya-dmcc"]);
  });

  it("takes another kind with its usual port and without the users of the other", () => {
    const csta = asKind(GOOD, "avaya-dmcc");
    expect(csta).toMatchObject({ kind: "avaya-dmcc", dialect: "avaya-dmcc", port: "4721", user: "", password: "", user_actions: "", password_actions: "" });
    expect(withUsualPort(csta, { ...csta, tls: true }).port).toBe("4722");
    expect(withUsualPort({ ...csta, port: "4800" }, { ...csta, port: "4800", tls: true }).port).toBe("4800");
    expect(asKind(csta, "csta-xml")).toMatchObject({ dialect: "ecma-323", port: "" });
    expect(asKind(csta, "asterisk")).toMatchObject({ dialect: "", port: "5038", user: "cti-ev", user_actions: "cti-act" });
    expect(bodyOf(asKind(csta, "asterisk"))).not.toHaveProperty("csta");
  });

  it("sends what an open dialect was told and nothing else, and reads it back", () => {
    const open = { ...NO_CSTA, dialect: "mitel-mivoice5000", framing: "length2", phase: "2", session: "bare", switch_name: "x", stations: "1001-1020 1105", queues: "600; Support; 10\n\n601\n" };
    const body = cstaBodyOf("csta-asn1", open);
    expect(body).toEqual({
      dialect: "mitel-mivoice5000", framing: "length2", phase: 2, session: "bare", switch_name: "",
      stations: ["1001-1020", "1105"],
      queues: [{ number: "600", name: "Support", wrap_up_s: 10 }, { number: "601", name: null, wrap_up_s: 0 }],
      route_points: [],
    });
    expect(cstaDraftOf(body)).toEqual({ ...open, switch_name: "", stations: "1001-1020, 1105", queues: "600; Support; 10\n601" });
    expect(cstaBodyOf("csta-asn1", { ...open, dialect: "hipath" })).toMatchObject({ dialect: "hipath", framing: null, phase: null, session: null });
    expect(cstaBodyOf("avaya-dmcc", { ...open, dialect: "" })).toMatchObject({ dialect: "avaya-dmcc", switch_name: "x" });
  });

  it("tells where a list of phones or queues cannot be read", () => {
    const csta = { ...asKind(GOOD, "csta-xml"), port: "8882" };
    expect(faultsOf(csta, false)).toEqual({});
    expect(faultsOf({ ...csta, stations: "1001-", queues: "6O0; Support" }, false)).toEqual({ stations: "station_form", queues: "queue_form" });
    expect(faultsOf({ ...csta, queues: "600; Support; soon" }, false)).toEqual({ queues: "queue_form" });
  });

  it("makes an id of a name", () => {
    expect(idOf("Žižkov – ústředna č. 2")).toBe("zizkov-ustredna-c-2");
  });
});
