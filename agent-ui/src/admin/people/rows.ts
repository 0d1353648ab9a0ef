import type { AgentView, DeviceView, ExtensionView, QueueView, UserView } from "../../api/types";

/** A phone of the switch with everything that hangs on it. */
export interface PhoneRow {
  /** Stable: rows keep their place when a phone is registered or a person chosen. */
  key: string;
  switch: string;
  extension: string;
  device: DeviceView | null;
  /** The row of the extension list, when there is one. */
  entry: ExtensionView | null;
  /** The member of queues that this phone is. */
  agent: AgentView | null;
  user: UserView | null;
  queues: QueueView[];
}

export interface PhoneParts {
  devices: readonly DeviceView[];
  extensions: readonly ExtensionView[];
  agents: readonly AgentView[];
  users: readonly UserView[];
  queues: readonly QueueView[];
}

/** Joins what the switch reported with the extension list, ordered by extension, phones without one last. */
export function phoneRows(parts: PhoneParts): PhoneRow[] {
  const users = byId(parts.users);
  const queues = byId(parts.queues);
  const agents = new Map(parts.agents.map((agent) => [agent.device, agent]));
  const entries = new Map(parts.extensions.map((entry) => [`${entry.switch}/${entry.extension}`, entry]));
  const rows = parts.devices.filter((device) => device.kind === "station").map((device) => {
    const place = `${device.switch}/${device.extension ?? ""}`;
    const entry = (device.extension && entries.get(place)) || null;
    if (entry) entries.delete(place);
    const agent = agents.get(device.id) ?? null;
    return rowOf({ device, entry, agent }, users, queues);
  });
  const unseen = [...entries.values()].map((entry) => rowOf({ device: null, entry, agent: null }, users, queues));
  return [...rows, ...unseen].toSorted(byExtension);
}

function rowOf(
  { device, entry, agent }: Pick<PhoneRow, "device" | "entry" | "agent">,
  users: ReadonlyMap<string, UserView>,
  queues: ReadonlyMap<string, QueueView>,
): PhoneRow {
  const user = entry?.user ?? device?.user ?? agent?.user;
  return {
    key: device?.id ?? entry?.id ?? "",
    switch: device?.switch ?? entry?.switch ?? "",
    extension: device?.extension ?? entry?.extension ?? "",
    device,
    entry,
    agent,
    user: (user && users.get(user)) || null,
    queues: (agent?.queues ?? []).flatMap((member) => queues.get(member.queue) ?? []),
  };
}

function byId<T extends { id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

const NUMERIC = new Intl.Collator("en", { numeric: true });

function byExtension(one: PhoneRow, two: PhoneRow): number {
  if ((one.extension === "") !== (two.extension === "")) return one.extension === "" ? 1 : -1;
  return NUMERIC.compare(one.extension, two.extension) || NUMERIC.compare(one.key, two.key);
}

export type PhoneFilter = "all" | "no_person" | "members" | "not_seen";

/** The rows that fit the chosen view and the typed text (extension, name, login, number, phone). */
export function filteredRows(rows: readonly PhoneRow[], filter: PhoneFilter, text: string): PhoneRow[] {
  const wanted = plain(text.trim());
  const fits: Record<PhoneFilter, (row: PhoneRow) => boolean> = {
    all: () => true,
    no_person: (row) => row.user === null,
    members: (row) => row.agent !== null,
    not_seen: (row) => row.device === null,
  };
  return rows.filter((row) => fits[filter](row) && (wanted === "" || textOf(row).includes(wanted)));
}

function textOf(row: PhoneRow): string {
  const { entry, device, agent, user } = row;
  return plain([row.extension, user?.name, user?.login, entry?.number, entry?.contact, device?.pbx_id, device?.name, agent?.name].filter(Boolean).join(" "));
}

/** Text as people search it: case and accents do not matter. */
export function plain(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

/** A login for a name, as most houses write it: “Klára Vondrová” → `vondrova`, the next one `vondrova2`. */
export function loginOf(name: string, taken: ReadonlySet<string>): string {
  const words = plain(name).split(/[^a-z0-9]+/).filter(Boolean);
  const last = words.at(-1) ?? "";
  if (last === "") return "";
  let login = last;
  for (let count = 2; taken.has(login); count += 1) login = `${last}${count}`;
  return login;
}
