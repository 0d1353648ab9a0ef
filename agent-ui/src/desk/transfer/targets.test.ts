import { expect, it } from "vitest";
import type { AgentView, DeviceView, QueueNow } from "../../live/frames";
import { allTargets, placeOf, projectTargets, sections, toggled } from "./targets";

const agent = (id: string, name: string, extension: string): AgentView => ({ id, name, extension, device: `dev_${extension}`, origin: "pbx", profile: { skills: {}, groups: [], capacity: {}, unit: null }, queues: [], state: { chosen: "ready", effective: "ready", since: "2026-11-20T09:00:00Z" } });
const device = (extension: string): DeviceView => ({ id: `dev_${extension}`, extension, name: null, pbx_id: extension, switch: "s", kind: "phone", state: "idle", since: "2026-11-20T09:00:00Z", calls: [], capabilities: {} });
const queue = (id: string, pbx: string): QueueNow => ({ queue: { id, name: id, pbx_id: pbx, kind: "mirrored", switch: "s", wrap_up_ms: 0, waiting: 0, members: 0, active: true, handle_ms: 0 }, sequence: 1, waiting: [] });

const around = {
  agents: [agent("agt_1", "Tomas", "1043"), agent("agt_2", "Barbora", "1050"), agent("agt_me", "Me", "1042")],
  devices: new Map(["1042", "1043", "1050", "1099"].map((extension) => [`dev_${extension}`, device(extension)])),
  queues: [queue("que_sales", "600"), queue("que_words", "sales")],
  nameOf: (user: string | null | undefined, otherwise: string) => (user === "usr_9" ? "Petra Malá" : otherwise),
  mine: { agent: "agt_me", device: "dev_1042" },
};
const all = allTargets(around);

it("puts favourites first and me nowhere", () => {
  const found = sections(all, ["agt_1"], "");
  expect(found.favourites.map((one) => one.id)).toEqual(["agt_1"]);
  expect(found.team.map((one) => one.id)).toEqual(["agt_2"]);
  expect(found.lines.map((one) => one.number)).toEqual(["1099"]);
  expect(found.queues.map((one) => one.number)).toEqual(["600", null]);
});

it("finds by name and by number", () => {
  expect(sections(all, ["agt_1"], "bar").team.map((one) => one.id)).toEqual(["agt_2"]);
  expect(sections(all, ["agt_1"], "10 43").favourites.map((one) => one.id)).toEqual(["agt_1"]);
});

it("stars and takes the star back", () => {
  expect(toggled(["a"], "b")).toEqual(["a", "b"]);
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
});

it("names the person at a phone or in a queue, and what the PBX says where there is none", () => {
  const named = { ...around, agents: [{ ...agent("agt_3", "PBX member 7", "1050"), user: "usr_9" }], devices: new Map([["dev_1099", { ...device("1099"), user: "usr_9" }], ["dev_1050", device("1050")]]) };
  expect(sections(allTargets(named), [], "petra").team.map((one) => one.id)).toEqual(["agt_3"]);
  expect(sections(allTargets(named), [], "").lines.map((one) => one.name)).toEqual(["Petra Malá"]);
  expect(sections(allTargets({ ...named, nameOf: (_, otherwise) => otherwise }), [], "").team.map((one) => one.name)).toEqual(["PBX member 7"]);
});

// covers: TEL-12
it("a call is handed on to a project by its name, and to everything else by its number", () => {
  const of = (id: string, project?: string): QueueNow => { const one = queue(id, "600"); return { ...one, queue: { ...one.queue, ...(project === undefined ? {} : { project }) } }; };
  const projects = projectTargets([of("que_1", "Spring"), of("que_2"), of("que_3", "Autumn"), of("que_4", "Spring")]);
  expect(projects.map((one) => [one.name, placeOf(one)])).toEqual([["Autumn", { project: "Autumn" }], ["Spring", { project: "Spring" }]]);
  expect(sections([...projects, ...all], [], "spr").queues.map((one) => one.id)).toEqual(["project:Spring"]);
  const [sales, words] = sections(all, [], "").queues;
  expect([sales, words].map((one) => one && placeOf(one))).toEqual([{ to: "600" }, null]);
});
