import { useMemo } from "react";
import { drafts, useDraft } from "../../app/drafts";

/** Something typed, with the version that it was typed over: what came meanwhile is not overwritten silently. */
export interface Kept<T> {
  etag: string | null;
  value: T;
}

/** Puts something else in place of what is kept by now. */
export type Keep<T> = (next: (now: Kept<T> | null) => Kept<T> | null) => void;

/** A form that outlives a reload and a look at another page. */
export function useKept<T>(key: string): [Kept<T> | null, Keep<T>] {
  const [text, setText] = useDraft(key);
  const kept = useMemo(() => keptIn<T>(text), [text]);
  const keep: Keep<T> = (next) => {
    const wanted = next(keptIn<T>(drafts.get(key)));
    setText(wanted === null ? "" : JSON.stringify(wanted));
  };
  return [kept, keep];
}

/** What a text keeps; nothing when it is none of ours. */
export function keptIn<T>(text: string): Kept<T> | null {
  if (text === "") return null;
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && "value" in found ? (found as Kept<T>) : null;
  } catch {
    return null;
  }
}
