// Settings of the signed-in person: shown at once, kept on the server, copied here for the next start.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "../api/client";
import type { Preferences } from "../api/types";
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

function failed(error: unknown): void {
  toast({ kind: "bad", key: "preferences", title: m.settings_failed(), text: errorText(error) });
}

/** One after the other, so that the last change is the one that stays. */
function write(preferences: Preferences): void {
  last = last.then(
    () => call("PUT", "/v1/me/preferences", { body: preferences }),
  ).catch((error: unknown) => {
    failed(error);
    void queryClient.invalidateQueries({ queryKey: PREFERENCES_KEY });
  });
}

/** Saves a change over what the server has. What could not be read is read first: defaults never overwrite it. */
export async function savePreferences(change: Partial<Preferences>): Promise<void> {
  try {
    const before = queryClient.getQueryData<Preferences>(PREFERENCES_KEY) ?? (await read());
    // What was changed while it was read counts too.
    const next = { ...before, ...queryClient.getQueryData<Preferences>(PREFERENCES_KEY), ...change };
    queryClient.setQueryData(PREFERENCES_KEY, next);
    write(next);
  } catch (error) {
    failed(error);
  }
}

const save = (change: Partial<Preferences>): void => void savePreferences(change);

/** Null until they are known. While they cannot be read, the desk works with the defaults. */
export function useStoredPreferences(): PreferencesHold | null {
  const { data, isError } = useQuery({ queryKey: PREFERENCES_KEY, queryFn: read, staleTime: Number.POSITIVE_INFINITY });
  const preferences = data ?? (isError ? DEFAULTS : null);
  return useMemo(() => (preferences === null ? null : { preferences, save }), [preferences]);
}
