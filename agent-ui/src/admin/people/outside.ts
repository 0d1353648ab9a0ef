// Who works at a telephone outside. Pure.
import type { Assignment, DeviceView, UserView } from "../../api/types";
import { phone } from "../../domain/format";

/** A number outside that somebody works at. */
export interface OutsideRow {
  /** Of the assignment. */
  id: string;
  person: string;
  number: string;
  /** Id of the switch that dials it. */
  switch: string;
  device: DeviceView;
}

/** What an administrator gives; `/v1/assignments` takes it. */
export interface OutsideWish {
  user: string | null;
  switch: string;
  number: string;
}

export function outsideRows(assignments: readonly Assignment[], devices: ReadonlyMap<string, DeviceView>, users: readonly UserView[]): OutsideRow[] {
  const names = new Map(users.map(({ id, name }) => [id, name]));
  const rows = assignments.flatMap((one) => {
    const device = devices.get(one.device);
    if (device?.kind !== "outside") return [];
    return [{ id: one.id, person: names.get(one.user) ?? one.user, number: phone(device.name ?? device.pbx_id), switch: device.switch, device }];
  });
  return rows.toSorted((one, two) => one.person.localeCompare(two.person) || one.number.localeCompare(two.number));
}

/** What is sent; none while something is missing. */
export function outsideBody({ user, switch: by, number }: OutsideWish): object | null {
  const typed = number.trim();
  return user === null || by === "" || typed === "" ? null : { outside: { switch: by, number: typed }, user, kind: "fixed" };
}
