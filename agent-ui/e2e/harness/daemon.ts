import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { Program, built, run } from "./program.ts";

/** How long something that must come may take. */
const PATIENCE_MS = 20_000;

/** A manager interface to link: what a laboratory or a simulator says of itself. */
export interface SwitchAddress {
  address: string;
  port: number;
  user: string;
  password: string;
  user_actions: string;
  password_actions: string;
  context: string;
}

/** Somebody who signs in. */
export interface Person {
  login: string;
  role: string;
  password: string;
  name?: string;
}

/** An agent, a supervisor and an administrator, for specs that do not care who. */
export const ANNA: Person = { login: "anna", name: "Anna Novotná", role: "agent", password: "anna-e2e-2026" };
export const SOFIA: Person = { login: "sofia", name: "Sofia Malá", role: "supervisor", password: "sofia-e2e-2026" };
export const ADMIN: Person = { login: "admin", name: "Adam Správce", role: "admin", password: "admin-e2e-2026" };

export interface DaemonOptions {
  /** Linked from the start, under the id `lab`. */
  switch?: SwitchAddress;
  people?: readonly Person[];
  /** Origins of other pages that may call the API. */
  corsOrigins?: readonly string[];
}

/** A daemon with a folder and a store of its own, both thrown away at the end. */
export class Daemon {
  #program: Program | undefined;

  private constructor(
    readonly url: string,
    readonly home: string,
    readonly people: readonly Person[],
  ) {}

  /** Makes store and people, starts the daemon and, if it has a switch, waits until the link is up. */
  static async start(options: DaemonOptions = {}): Promise<Daemon> {
    const home = await mkdtemp(join(tmpdir(), "tieline-e2e-"));
    const people = options.people ?? [ANNA, SOFIA, ADMIN];
    const daemon = new Daemon(`http://127.0.0.1:${await freePort()}`, home, people);
    try {
      await writeFile(daemon.#file, configuration(daemon.url, options));
      for (const { login, name, role, password } of people) {
        await daemon.ctid(["user", "add", login, "--name", name ?? login, "--role", role, "--password-stdin"], password);
      }
      await daemon.serve();
      if (options.switch !== undefined) await daemon.linked();
      return daemon;
    } catch (error) {
      const log = daemon.log();
      await daemon.stop();
      throw new Error(`${String(error)}\n${log}`, { cause: error });
    }
  }

  /** Does what README says first: `ctid init`, with the ports of this test; the daemon is not started yet. Gives what it said. */
  static async init(asterisk: string, manager: number, first: Person): Promise<{ daemon: Daemon; said: string }> {
    const home = await mkdtemp(join(tmpdir(), "tieline-e2e-"));
    const daemon = new Daemon(`http://127.0.0.1:${await freePort()}`, home, [first]);
    const said = await run([program(), "init", "--asterisk", asterisk, "--dir", home, "--login", first.login, "--password-stdin"], first.password, {});
    const text = await readFile(daemon.#file, "utf8");
    await writeFile(daemon.#file, text.replace("127.0.0.1:8088", new URL(daemon.url).host).replace("port = 5038", `port = ${manager}`));
    return { daemon, said };
  }

  /** Runs another command of `ctid` on the same configuration; gives what it printed. */
  ctid(words: readonly string[], input = ""): Promise<string> {
    return run([program(), ...words], input, { CTID_CONFIG: this.#file });
  }

  /** Starts the daemon (again) and waits for its ready line. */
  async serve(): Promise<void> {
    const env = { CTID_CONFIG: this.#file };
    this.#program = (await Program.start("ctid", [program(), "serve"], /^listening on /, { env })).program;
  }

  /** Kills it as the kernel would: no farewell. */
  async kill(): Promise<void> {
    await this.#program?.kill();
    this.#program = undefined;
  }

  /** Ends it in its own way and starts it again on the same store and port. */
  async restart(): Promise<void> {
    await this.#program?.stop();
    await this.serve();
  }

  /** Waits until a link to a switch is up. */
  async linked(): Promise<void> {
    const [somebody] = this.people;
    if (somebody === undefined) throw new Error("nobody can look whether the link is up: give the daemon people");
    const api = await this.signIn(somebody);
    await api.until("/v1/links", "the link to be up", (links) => items(links).some((link) => link.state === "up"));
  }

  /** The API as this person. */
  async signIn(person: Person): Promise<Api> {
    const body = { login: person.login, password: person.password };
    const answer = await new Api(this.url, "").post("/v1/auth/login", body);
    return new Api(this.url, String(answer.token));
  }

  /** What it logged. */
  log(): string {
    return this.#program?.log() ?? "";
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.#program?.stop();
    this.#program = undefined;
    await rm(this.home, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.home, "ctid.toml");
  }
}

/** What a JSON answer holds. */
export type Json = Record<string, unknown>;

/** Rows of a list. */
export function items(list: Json): Json[] {
  return Array.isArray(list.items) ? list.items : [];
}

/** The REST API as one person. */
export class Api {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  get(path: string): Promise<Json> {
    return this.ask("GET", path);
  }

  post(path: string, body: unknown): Promise<Json> {
    return this.ask("POST", path, body);
  }

  put(path: string, body: unknown): Promise<Json> {
    return this.ask("PUT", path, body);
  }

  async ask(method: string, path: string, body?: unknown): Promise<Json> {
    const headers: Record<string, string> = {};
    if (this.token !== "") headers.authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  /** Asks again until it is so; the error shows the last answer. */
  async until(path: string, what: string, wanted: (answer: Json) => boolean): Promise<Json> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.get(path);
      if (wanted(answer)) return answer;
      if (Date.now() > end) throw new Error(`waited for ${what}, but ${path} says ${JSON.stringify(answer, null, 2)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function program(): string {
  return built("TIELINE_CTID", "debug/ctid");
}

function configuration(url: string, options: DaemonOptions): string {
  // A JSON string is a TOML string.
  const text = (value: string) => JSON.stringify(value);
  const origins = (options.corsOrigins ?? []).map(text).join(", ");
  const lines = [
    "[server]",
    `listen = ${text(new URL(url).host)}`,
    `cors_origins = [${origins}]`,
    "[store]",
    'url = "sqlite:tieline.db"',
    // Other systems of a spec are on this machine.
    "[relay]",
    'allow_networks = ["127.0.0.0/8"]',
  ];
  const link = options.switch;
  if (link !== undefined) {
    lines.push("[[switch]]", 'id = "lab"', 'name = "Laboratory"', 'kind = "asterisk"', `port = ${link.port}`);
    for (const key of ["address", "user", "password", "user_actions", "password_actions", "context"] as const) {
      lines.push(`${key} = ${text(link[key])}`);
    }
    // The phones of the simulated switch that do what it notifies; no real one has this name.
    lines.push("[[switch.profile]]", 'user_agent = "Obedient Phone"', "talk = true", "hold = true");
    lines.push("[switch.numbers]", 'country = "CZ"', 'outside_prefix = "0"', 'extension_pattern = "10XX|6XX"');
  }
  return `${lines.join("\n")}\n`;
}
