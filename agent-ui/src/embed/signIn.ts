// Signing in from a frame, where browsers keep cookies away: a window of the desk's own origin says who it is.
// Only pages of this origin hear each other here; the page around the frame hears nothing of it.
import { api, beFramed, ok } from "../api/client";
import { paths } from "../app/paths";

/** `ready`: somebody is signed in there. `go`: the frame asks for a token. `token`: here it is. */
interface Word {
  tieline_sign_in: "ready" | "go" | "token";
  nonce?: string;
  token?: string;
}

const isWord = (data: unknown): data is Word => typeof data === "object" && data !== null && "tieline_sign_in" in data;

export type SignInEnd = "signed_in" | "blocked";

let stopWaiting: (() => void) | null = null;

/** Opens the window and waits until somebody has signed in there; another press begins anew. */
export function signInByWindow(): Promise<SignInEnd> {
  stopWaiting?.();
  const nonce = crypto.randomUUID();
  const opened = window.open(paths.frameSignIn(), "tieline-sign-in", "popup,width=440,height=680");
  if (opened === null) return Promise.resolve("blocked");
  return new Promise((resolve) => {
    const hear = (event: MessageEvent) => {
      if (event.origin !== window.location.origin || event.source !== opened || !isWord(event.data)) return;
      if (event.data.tieline_sign_in === "ready") return say(opened, { tieline_sign_in: "go", nonce });
      if (event.data.tieline_sign_in !== "token" || event.data.nonce !== nonce || typeof event.data.token !== "string") return;
      stopWaiting?.();
      beFramed(event.data.token);
      resolve("signed_in");
    };
    window.addEventListener("message", hear);
    stopWaiting = () => window.removeEventListener("message", hear);
  });
}

/** In the window: hands a token of a session of its own to the frame that opened it, when that asks. False: nobody did. */
export function answerOpener(onFailed: (error: unknown) => void): { isOpened: boolean; stop: () => void } {
  const opener: unknown = window.opener;
  if (!isWindow(opener)) return { isOpened: false, stop: () => undefined };
  let isAsked = false;
  const hear = (event: MessageEvent) => {
    if (event.origin !== window.location.origin || event.source !== opener || !isWord(event.data) || event.data.tieline_sign_in !== "go" || isAsked) return;
    isAsked = true;
    const { nonce } = event.data;
    ok(api.POST("/v1/auth/embed_sessions")).then(({ token }) => {
      say(opener, { tieline_sign_in: "token", token, ...(nonce === undefined ? {} : { nonce }) });
      window.close();
    }, onFailed);
  };
  window.addEventListener("message", hear);
  say(opener, { tieline_sign_in: "ready" });
  return { isOpened: true, stop: () => window.removeEventListener("message", hear) };
}

function say(to: Window, word: Word): void {
  to.postMessage(word, window.location.origin);
}

const isWindow = (value: unknown): value is Window => typeof value === "object" && value !== null && "postMessage" in value;
