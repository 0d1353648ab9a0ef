// What the words of rights mean.

const REACHES = ["own", "team", "site", "any"];

/** A right in any reach, or, with a reach, in this one or a wider. */
export function covers(rights: readonly string[], wanted: string): boolean {
  if (rights.includes(wanted) || rights.some((right) => right.startsWith(`${wanted}.`))) return true;
  const at = wanted.lastIndexOf(".");
  const reach = REACHES.indexOf(wanted.slice(at + 1));
  return reach >= 0 && REACHES.slice(reach).some((wider) => rights.includes(`${wanted.slice(0, at)}.${wider}`));
}
