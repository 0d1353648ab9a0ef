import { type Browser, type BrowserContext, chromium, firefox } from "playwright-core";
import { built } from "./program.ts";

/** The browser that the specs run in: what `cargo xtask test` says, else Chromium. */
export const ENGINE = process.env.TIELINE_ENGINE === "firefox" ? "firefox" : "chromium";

/** The one that specs share: started by the first of them, ended with this process. */
let shared: Promise<Browser> | undefined;

/** A browser that runs already. Each `openDesk` has cookies and storage of its own; whoever opens one closes it. */
export function sharedBrowser(): Promise<Browser> {
  return (shared ??= openBrowser());
}

/** Starts a browser of its own. */
export function openBrowser(): Promise<Browser> {
  if (ENGINE === "chromium") return chromium.launch({ executablePath: built("TIELINE_CHROMIUM", "peers/chromium/launcher/chromium") });
  // The channel of a Firefox as it is shipped, driven by WebDriver BiDi; without it the driver wants its own build.
  return firefox.launch({ channel: "moz-firefox", executablePath: built("TIELINE_FIREFOX", "peers/firefox/launcher/firefox") });
}

/** Mends in a new browser what its driver does otherwise than a person would. */
export async function mendDriver(context: BrowserContext): Promise<void> {
  if (ENGINE === "firefox") await context.addInitScript(typeAsPeopleDo);
}

/**
 * Over BiDi the driver fills a field by setting its value, which React takes for its own doing and does not hear of.
 * The editing command of the browser does what a key does.
 */
function typeAsPeopleDo(): void {
  const type = (text: string) => void document.execCommand("insertText", false, text);
  Object.defineProperty(window, "__pw_bidiInsertText", { get: () => type, set() {} });
}
