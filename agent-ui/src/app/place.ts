// Where the window is: the address, and going to another one without loading the page anew.
import { useEffect, useState, useTransition } from "react";

export interface Place {
  pathname: string;
  /** As `?contact=…`, or empty. */
  search: string;
}

const read = (): Place => ({ pathname: window.location.pathname, search: window.location.search });
const listeners = new Set<(place: Place) => void>();

function tell(): void {
  const now = read();
  for (const listener of listeners) listener(now);
}

/** Goes to an address of `paths`; `replace` leaves no step to go back to. */
export function go(path: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, "", path);
  else window.history.pushState(null, "", path);
  tell();
}

/** The place of the window. Another page is shown once its code is there; until then the old one stays. */
export function usePlace(): Place {
  const [place, setPlace] = useState(read);
  const [, startTransition] = useTransition();
  useEffect(() => {
    const follow = (next: Place) => startTransition(() => setPlace(next));
    const back = () => follow(read());
    listeners.add(follow);
    window.addEventListener("popstate", back);
    // The window may have gone on between drawing and listening.
    back();
    return () => {
      listeners.delete(follow);
      window.removeEventListener("popstate", back);
    };
  }, []);
  return place;
}
