import { go, usePlace } from "../../app/place";

/** The chosen row and view of a page live in its address: they survive a reload and can be sent to a colleague. */
export function useSearchText<Name extends string>(...names: readonly Name[]): [Record<Name, string | undefined>, (change: Partial<Record<Name, string | undefined>>) => void] {
  const { pathname, search } = usePlace();
  const words = new URLSearchParams(search);
  const texts = Object.fromEntries(names.map((name) => [name, words.get(name) ?? undefined])) as Record<Name, string | undefined>;
  const change = (wanted: Partial<Record<Name, string | undefined>>) => {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries<string | undefined>(wanted)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    go(next.size === 0 ? pathname : `${pathname}?${next}`, { replace: true });
  };
  return [texts, change];
}
