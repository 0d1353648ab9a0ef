import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** How long a program may take to its ready line. */
const READY_MS = 40_000;

/** How much of what a program says is kept for a failed test. */
const LOG_LINES_MAX = 4_000;

/** Runs its arguments and kills them when its fourth pipe closes: when we let go, and also when we are killed. */
const GUARD = 'exec 4<&0; "$@" <&4 4<&- & child=$!; exec 4<&-; read -r how <&3; kill "-${how:-KILL}" "$child" 2>/dev/null; wait "$child"';

const top = fileURLToPath(new URL("../../..", import.meta.url));

/** A program of the workspace: what `cargo xtask` says, else what stands in the target folder. */
export function built(variable: string, path: string): string {
  const program = process.env[variable] ?? join(top, "target", path);
  if (!existsSync(program)) throw new Error(`${program} is not there; run the suite by \`cargo xtask test ui-e2e\``);
  return program;
}

/** A path from the top of the tree. */
export function fromTop(path: string): string {
  return join(top, path);
}

export interface ProgramOptions {
  env?: Record<string, string>;
  /** Folder it runs in. */
  cwd?: string;
  /** It reads orders from its input and ends with it; others are guarded from outside. */
  takesInput?: boolean;
}

/** A running program that ends with this process, whatever happens to this process. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  readonly #ended: Promise<void>;
  #isOver = false;

  private constructor(
    readonly name: string,
    command: readonly string[],
    readonly options: ProgramOptions,
  ) {
    const [first = "", ...rest] = options.takesInput ? command : ["sh", "-c", GUARD, "guard", ...command];
    this.#child = spawn(first, rest, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface(stream).on("line", (line) => this.#hear(line));
    }
    this.#ended = new Promise((resolve) => {
      const end = (why: string) => {
        this.#isOver = true;
        this.#hear(why);
        resolve();
      };
      this.#child.once("exit", (code, signal) => end(`(ended: ${signal ?? code})`));
      this.#child.once("error", (error) => end(`(${error.message})`));
    });
  }

  /** Starts it and waits for the line that `ready` matches; gives the match too. */
  static async start(name: string, command: readonly string[], ready: RegExp, options: ProgramOptions = {}) {
    const program = new Program(name, command, options);
    try {
      return { program, match: await program.says(ready, READY_MS) };
    } catch (error) {
      await program.kill();
      throw error;
    }
  }

  /** Waits for a line, among those said before too. */
  says(wanted: RegExp, boundMs = READY_MS): Promise<RegExpExecArray> {
    const before = this.#lines.map((line) => wanted.exec(line)).find((match) => match !== null);
    if (before !== undefined) return Promise.resolve(before);
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(listen);
        act();
      };
      const fail = () => settle(() => reject(new Error(`${this.name} did not say ${wanted}\n${this.log()}`)));
      const listen = (line: string) => {
        const match = wanted.exec(line);
        if (match !== null) settle(() => resolve(match));
        else if (this.#isOver) fail();
      };
      const timer = setTimeout(fail, boundMs);
      this.#listeners.add(listen);
      if (this.#isOver) fail();
    });
  }

  /** Hears every line from now on. */
  onLine(listen: (line: string) => void): void {
    this.#listeners.add(listen);
  }

  /** Writes a line to its input. */
  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** The last it said. */
  log(): string {
    return this.#lines.join("\n");
  }

  /** Asks it to end (SIGTERM) and waits until it has. */
  async stop(): Promise<void> {
    if (!this.#isOver && !this.options.takesInput) this.#guard?.write("TERM\n");
    await this.kill();
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#child.stdin?.end();
    this.#guard?.end();
    await this.#ended;
  }

  /** What the guard listens to. */
  get #guard(): Writable | null {
    const pipe = this.#child.stdio[3];
    return pipe instanceof Writable ? pipe : null;
  }

  #hear(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > LOG_LINES_MAX) this.#lines.shift();
    for (const listen of this.#listeners) listen(line);
  }
}

/** Runs a program to its end with this on its input; gives what it printed. */
export function run(command: readonly string[], input: string, env: Record<string, string>): Promise<string> {
  const [first = "", ...rest] = command;
  const child = spawn(first, rest, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(said);
      else reject(new Error(`${command.join(" ")}: ${code}\n${said}`));
    });
  });
}
