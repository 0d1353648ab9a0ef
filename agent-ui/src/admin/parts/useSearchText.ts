import { useNavigate, useSearch } from "@tanstack/react-router";

/** The chosen row and view of a page live in its address: they survive a reload and can be sent to a colleague. */
export function useSearchText<Name extends string>(...names: readonly Name[]): [Record<Name, string | undefined>, (change: Partial<Record<Name, string | undefined>>) => void] {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const texts = Object.fromEntries(names.map((name) => [name, textOf(search[name])])) as Record<Name, string | undefined>;
  const change = (wanted: Partial<Record<Name, string | undefined>>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...wanted }).filter(([, value]) => value !== undefined));
    void navigate({ to: ".", search: next, replace: true });
  };
  return [texts, change];
}

/** The router reads `?switch=42` as a number. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
