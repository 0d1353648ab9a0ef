// Days as date fields give them, `2026-11-20`, and the moments they stand for where the person is. Pure.

/** Whole days; the last one counts as well. */
export interface Days {
  from?: string | undefined;
  to?: string | undefined;
}

/** Parameters of the API: the midnight before the first day, and the one after the last. */
export function span({ from, to }: Days): { from?: string; to?: string } {
  const [begin, end] = [midnight(from, 0), midnight(to, 1)];
  return { ...(begin && { from: begin }), ...(end && { to: end }) };
}

/** Midnight of a day, or of so many days later; none while the day is not whole. */
function midnight(day: string | undefined, later: number): string | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? "");
  if (parts === null) return undefined;
  // Not by adding hours: a day has 23 or 25 of them when the clocks change.
  const date = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later);
  return date.toISOString();
}

/** True when the first day lies behind the last: nothing can be in between. */
export const isBackwards = ({ from, to }: Days): boolean => Boolean(from && to && from > to);

/** The day of a moment where the person is. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
