import { type Json } from "./daemon.ts";
import { freePort } from "./ports.ts";
import { Program, built } from "./program.ts";

/** How long something that must come may take. */
const PATIENCE_MS = 20_000;
/** How long the driver may take for one answer; pages are small and near. */
const ANSWER_MS = 12_000;
const SILENT = "the driver did not answer";

/** The browser that comes with the engine, as WebDriver is to start it; the paths begin in the peer's folder. */
const BROWSER = {
  binary: "usr/lib/x86_64-linux-gnu/wpe-webkit-2.0/MiniBrowser",
  args: ["--automation", "--headless", "--size=1440x900"],
};

/** How WebDriver names an element in JSON. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** How WebDriver writes keys without a letter. */
export const ENTER = "\uE007";

/** Gives the first visible element that fits; a name is what assistive technology is told, as far as the desk uses it. */
const LOOK = `
  const [selector, name] = arguments;
  const ofIds = (ids) => ids.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const nameOf = (one) => one.getAttribute("aria-label") ?? (one.hasAttribute("aria-labelledby") ? ofIds(one.getAttribute("aria-labelledby")) : one.labels?.[0]?.textContent ?? one.textContent);
  const fits = (one) => one.checkVisibility() && new RegExp(name).test(nameOf(one).replace(/\\s+/g, " ").trim());
  return [...document.querySelectorAll(selector)].find(fits) ?? null;
`;

/** Keeps what the page complains about from now on: WebDriver tells nothing of it, and runs nothing before the page. */
const LISTEN = `
  const kept = (window.complaints = []);
  addEventListener("error", (event) => kept.push(event.message));
  addEventListener("unhandledrejection", (event) => kept.push(String(event.reason)));
  document.addEventListener("securitypolicyviolation", (event) => kept.push(event.violatedDirective + " " + event.blockedURI));
  const { error } = console;
  console.error = (...words) => { kept.push(words.join(" ")); error(...words); };
`;

/**
 * The desk in WebKit, driven by WebDriver: Playwright drives only a WebKit that it has built itself. Elements are told by
 * a CSS selector and a pattern of their name; every step waits for its element.
 */
export class WebKit {
  readonly #complaints: unknown[] = [];

  private constructor(
    readonly driver: Program,
    readonly session: string,
  ) {}

  /** Starts the browser on a page. A browser that does not come up at all, as WPE's now and then, is started once more. */
  static async open(url: string): Promise<WebKit> {
    return WebKit.#start(url).catch((error: unknown) => {
      if (String(error).includes(SILENT)) return WebKit.#start(url);
      throw error;
    });
  }

  static async #start(url: string): Promise<WebKit> {
    const port = await freePort();
    const launcher = built("TIELINE_WEBKIT", "peers/webkit/launcher/webkit");
    // The driver says nothing when it is ready: the words before it starts are ours.
    const started = await Program.start("webkit", ["sh", "-c", 'echo starts; exec "$@"', "sh", launcher, `--port=${port}`], /^starts$/);
    const driver = started.program;
    const root = `http://127.0.0.1:${port}`;
    try {
      await until("the driver to answer", async () => (await ask("GET", `${root}/status`).catch(() => null)) !== null);
      const wanted = { capabilities: { alwaysMatch: { "wpe:browserOptions": BROWSER } } };
      const { sessionId } = (await ask("POST", `${root}/session`, wanted)) as Json;
      const webkit = new WebKit(driver, `${root}/session/${String(sessionId)}`);
      await webkit.#do("/url", { url });
      await webkit.run(LISTEN);
      return webkit;
    } catch (error) {
      const log = driver.log();
      await driver.stop();
      throw new Error(`${String(error)}\n${log}`, { cause: error });
    }
  }

  /** Waits for a visible element. */
  async see(selector: string, name = ""): Promise<void> {
    await this.#find(selector, name);
  }

  /** Waits until no such element is visible. */
  async miss(selector: string, name = ""): Promise<void> {
    await until(`no ${selector} “${name}”`, async () => (await this.run(LOOK, selector, name)) === null);
  }

  async click(selector: string, name = ""): Promise<void> {
    await this.#do(`${await this.#find(selector, name)}/click`, {});
  }

  /** Types into a field. */
  async type(selector: string, name: string, text: string): Promise<void> {
    await this.#do(`${await this.#find(selector, name)}/value`, { text });
  }

  /** What stands in a field. */
  async valueOf(selector: string, name: string): Promise<unknown> {
    return ask("GET", `${this.session}${await this.#find(selector, name)}/property/value`);
  }

  async reload(): Promise<void> {
    await this.complaints();
    await this.#do("/refresh", {});
    await this.run(LISTEN);
  }

  /** Runs a script in the page. */
  run(script: string, ...args: unknown[]): Promise<unknown> {
    return this.#do("/execute/sync", { script, args });
  }

  /** What the pages have complained about so far: script errors, errors written down, breaches of the content policy. */
  async complaints(): Promise<readonly unknown[]> {
    const more = await this.run("return window.complaints.splice(0)");
    if (Array.isArray(more)) this.#complaints.push(...more);
    return this.#complaints;
  }

  async close(): Promise<void> {
    await ask("DELETE", this.session).catch(() => undefined);
    await this.driver.stop();
  }

  async #find(selector: string, name: string): Promise<string> {
    let found: unknown = null;
    await until(`${selector} “${name}”`, async () => (found = await this.run(LOOK, selector, name)) !== null).catch(async (error: unknown) => {
      throw new Error(`${String(error)}; the page says: ${String(await this.run("return document.body.innerText"))}`, { cause: error });
    });
    return `/element/${String((found as Json)[ELEMENT])}`;
  }

  #do(path: string, body: unknown): Promise<unknown> {
    return ask("POST", `${this.session}${path}`, body);
  }
}

async function ask(method: string, url: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? { method } : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const silent = (cause: unknown) => {
    throw new Error(`${method} ${new URL(url).pathname}: ${SILENT}: ${String(cause)}`, { cause });
  };
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) }).catch(silent);
  const { value } = (await answer.json()) as Json;
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname}: ${JSON.stringify(value)}`);
  return value;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
