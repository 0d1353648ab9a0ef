// Code that nobody can use before the desk stands: it comes right after it, so that the desk stands sooner.
import { useEffect, useState } from "react";

/** A server that is away for a moment is asked again. */
const AGAIN_MS = 1_000;

/**
 * A hook that gives the code once it is there. Not `lazy`: that shows a gap at its first use for a third of a second
 * even when the code is there.
 */
export function comesLater<T>(load: () => Promise<T>): () => T | null {
  let loaded: T | null = null;
  let coming: Promise<T> | null = null;
  const again = (): Promise<T> => new Promise<void>((done) => setTimeout(done, AGAIN_MS)).then(fetch);
  const fetch = (): Promise<T> => load().then((code) => (loaded = code), again);
  return () => {
    const [code, setCode] = useState(loaded);
    useEffect(() => {
      if (code !== null) return;
      let isHere = true;
      void (coming ??= fetch()).then((fresh) => isHere && setCode(() => fresh));
      return () => {
        isHere = false;
      };
    }, [code]);
    return code;
  };
}
