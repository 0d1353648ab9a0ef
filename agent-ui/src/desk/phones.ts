// Which phones a person may sit down at. Pure.
import type { components } from "../api/generated/rest";

type DeviceView = components["schemas"]["DeviceView"];

export interface Phone {
  id: string;
  /** What people dial to reach it. */
  number: string;
  name: string;
  isOffline: boolean;
}

export interface PhoneGroup {
  kind: "mine" | "last" | "free";
  phones: Phone[];
}

export interface PhoneWish {
  user: string | null | undefined;
  primary: string | null | undefined;
  /** The phone of the last time. */
  last: string | null;
  search: string;
}

/** Rows shown; the search finds the others. */
const FREE_MOST = 50;

/** My phones first, then the last one, then free ones that fit the search. Groups without phones are left out. */
export function phonesOf(devices: readonly DeviceView[], wish: PhoneWish): PhoneGroup[] {
  const stations = devices.filter((device) => device.kind === "station");
  const isMine = (device: DeviceView) => device.id === wish.primary || (wish.user !== null && wish.user !== undefined && device.user === wish.user);
  const isFree = (device: DeviceView) => device.user === null || device.user === undefined;
  const mine = stations.filter(isMine);
  const last = stations.filter((device) => device.id === wish.last && isFree(device));
  const free = stations.filter((device) => isFree(device) && device.id !== wish.last && !isMine(device));
  const groups: PhoneGroup[] = [
    { kind: "mine", phones: shown(mine, wish.search) },
    { kind: "last", phones: shown(last, wish.search) },
    { kind: "free", phones: shown(free, wish.search).slice(0, FREE_MOST) },
  ];
  return groups.filter((group) => group.phones.length > 0);
}

function shown(devices: readonly DeviceView[], search: string): Phone[] {
  const wanted = plain(search);
  return devices
    .map((device) => ({
      id: device.id,
      number: device.extension ?? device.pbx_id,
      name: device.name ?? "",
      isOffline: device.state === "unreachable",
    }))
    .filter((phone) => plain(`${phone.number} ${phone.name}`).includes(wanted))
    .toSorted((a, b) => a.number.localeCompare(b.number, undefined, { numeric: true }));
}

/** Without accents and case, as people type in a hurry. */
const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
