// Who is signed in, and the one live core of this page.
import { ApiError, api, ok } from "../api/client";
import { createLive } from "../live/live";
import { browser, tabName } from "./around";
import type { MeView } from "./context";
import { drafts } from "./drafts";
import { queryClient } from "./query";

/** Lives as long as the page: neither a language nor a route starts it anew. */
export const live = createLive(browser, tabName());

export const ME_KEY = ["me"] as const;

window.addEventListener("online", () => live.hurry());

/** Somebody was signed in on this page; what was mirrored for it must not meet the next one. */
let hadPerson = false;

/** The signed-in person; null when nobody is. */
export async function readMe(): Promise<MeView | null> {
  try {
    const me = await ok(api.GET("/v1/me"));
    hadPerson = true;
    drafts.belongTo(me.login);
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  await ok(api.POST("/v1/auth/login", { body: { login, password } }));
  if (hadPerson) return window.location.reload();
  await queryClient.fetchQuery({ queryKey: ME_KEY, queryFn: readMe, staleTime: 0 });
}

/** Ends the session here and at the server; a server that is away forgets it by itself. */
export async function signOut(): Promise<void> {
  live.disconnect();
  try {
    await ok(api.POST("/v1/auth/logout"));
  } finally {
    forgetPerson();
  }
}

/** Nobody is signed in any more. */
export function forgetPerson(): void {
  queryClient.setQueryData(ME_KEY, null);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey.join() !== ME_KEY.join() });
}
