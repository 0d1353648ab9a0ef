import { useSyncExternalStore } from "react";
import { announcements } from "./announce";

/** The regions that are read out; always in the page, so that no sentence is missed. */
export function LiveRegions() {
  const { polite, assertive } = useSyncExternalStore(announcements.subscribe, announcements.get);
  return (
    <>
      <div role="status" aria-live="polite" className="visually-hidden">
        {polite}
      </div>
      <div role="alert" aria-live="assertive" className="visually-hidden">
        {assertive}
      </div>
    </>
  );
}
