/** A page of a list as every list of the API answers it. */
export interface Listed<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Rows of one page that the API gives at most. */
export const PAGE_ROWS = 200;

/** Pages read at most for a list that a screen needs whole (10 000 rows). */
const PAGES_MAX = 50;

/** Reads a list to its end; a list that is longer than the bound says so instead of losing rows silently. */
export async function everyPage<T>(
  read: (cursor: string | undefined) => Promise<Listed<T>>,
): Promise<{ items: T[]; cut: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    // Each page needs the cursor of the one before.
    // oxlint-disable-next-line no-await-in-loop
    const { items: rows, next_cursor } = await read(cursor);
    items.push(...rows);
    if (!next_cursor) return { items, cut: false };
    cursor = next_cursor;
  }
  return { items, cut: true };
}

/** Query text of the parameters that have a value, with its question mark. */
export function queryText(parameters: Record<string, string | number | boolean | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}
