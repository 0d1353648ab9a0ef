// Settings of the signed-in person: shown at once, kept on the server, copied here for the next start.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { call } from "../api/client";
import type { Preferences } from "../api/pending";
import { errorText } from "../domain/can";
import { m } from "../i18n/generated/messages.js";
import type { PreferencesHold } from "./context";
import { queryClient } from "./query";
import { toast } from "./toast";

export const PREFERENCES_KEY = ["me", "preferences"] as const;

const DEFAULTS: Preferences = {
  theme: "system",
  language: null,
  favourites: [],
  auto_connect: false,
  desk_device: null,
  sound: true,
  notifications: false,
  compact_rows: false,
};

const read = () => call<Preferences>("GET", "/v1/me/preferences");
let last: Promise<unknown> = Promise.resolve();

/** One after the other, so that the last change is the one that stays. */
function write(preferences: Preferences): void {
  last = last.then(
    () => call("PUT", "/v1/me/preferences", { body: preferences }),
  ).catch((error: unknown) => {
    toast({ kind: "bad", key: "preferences", title: m.settings_failed(), text: errorText(error) });
    void queryClient.invalidateQueries({ queryKey: PREFERENCES_KEY });
  });
}

/** Null until they are known. A server without them gives the defaults. */
export function useStoredPreferences(): PreferencesHold | null {
  const { data, isError } = useQuery({ queryKey: PREFERENCES_KEY, queryFn: read, staleTime: Number.POSITIVE_INFINITY });
  const preferences = data ?? (isError ? DEFAULTS : null);
  const save = useCallback((change: Partial<Preferences>) => {
    const before = queryClient.getQueryData<Preferences>(PREFERENCES_KEY) ?? DEFAULTS;
    const next = { ...before, ...change };
    queryClient.setQueryData(PREFERENCES_KEY, next);
    write(next);
  }, []);
  return useMemo(() => (preferences === null ? null : { preferences, save }), [preferences, save]);
}
