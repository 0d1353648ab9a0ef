// What every signed-in screen may ask for.
import { createContext, use } from "react";
import type { components } from "../api/generated/rest";
import type { Preferences } from "../api/types";
import type { Live } from "../live/live";

export type MeView = components["schemas"]["MeView"];

export interface PreferencesHold {
  preferences: Preferences;
  /** Shown at once, kept on the server. */
  save(change: Partial<Preferences>): void;
}

export const LiveContext = createContext<Live | null>(null);
export const MeContext = createContext<MeView | null>(null);
export const PreferencesContext = createContext<PreferencesHold | null>(null);
/** Ends the session, or asks for another phone. */
export const SessionContext = createContext<{ signOut(): void; changePhone(): void } | null>(null);

function held<T>(value: T | null, name: string): T {
  if (value === null) throw new Error(`${name} is used outside its provider`);
  return value;
}

export const useLiveClient = (): Live => held(use(LiveContext), "useLiveClient");
export const useMe = (): MeView => held(use(MeContext), "useMe");
export const usePreferences = (): PreferencesHold => held(use(PreferencesContext), "usePreferences");
export const useSession = (): { signOut(): void; changePhone(): void } => held(use(SessionContext), "useSession");
