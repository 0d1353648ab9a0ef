import { useMemo } from "react";
import { useDraft } from "../../app/drafts";

/** Something typed, with the version that it was typed over: what came meanwhile is not overwritten silently. */
export interface Kept<T> {
  etag: string | null;
  value: T;
}

/** A form that outlives a reload and a look at another page. */
export function useKept<T>(key: string): [Kept<T> | null, (next: Kept<T> | null) => void] {
  const [text, setText] = useDraft(key);
  const kept = useMemo(() => read<T>(text), [text]);
  return [kept, (next) => setText(next === null ? "" : JSON.stringify(next))];
}

function read<T>(text: string): Kept<T> | null {
  if (text === "") return null;
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && "value" in found ? (found as Kept<T>) : null;
  } catch {
    return null;
  }
}
