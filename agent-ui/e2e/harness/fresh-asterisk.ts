import { existsSync, readdirSync } from "node:fs";
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, fromTop, run } from "./program.ts";
import { freePort, freeUdpPort } from "./ports.ts";

/** How long it may take until the manager interface answers: all modules of the distribution are loaded. */
const BOOT_MS = 40_000;

/** What every PBX has before anybody thinks of Tieline: two phones, a line to the carrier, their dialplan. */
const pjsip = (port: number) => `
[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:${port}
${["1001", "1002"].map(phone).join("")}
[carrier]
type = endpoint
context = from-carrier
disallow = all
allow = alaw
[carrier]
type = identify
endpoint = carrier
match = 127.0.0.2
`;
const phone = (number: string) => `
[${number}]
type = endpoint
context = from-internal
disallow = all
allow = alaw
auth = ${number}
aors = ${number}
callerid = "Phone ${number}" <${number}>
[${number}]
type = auth
username = ${number}
password = lab-${number}
[${number}]
type = aor
max_contacts = 1
`;
const DIALPLAN = `
[from-internal]
exten => _1XXX,1,Dial(PJSIP/\${EXTEN},20)
[from-carrier]
exten => 420555000101,1,Dial(PJSIP/1001,40)
`;

/** A real Asterisk 22 as the distribution installs it. Nobody has prepared it for Tieline. */
export class FreshAsterisk {
  #program: Program | undefined;

  private constructor(
    readonly home: string,
    readonly sip: number,
    readonly manager: number,
  ) {}

  static async start(): Promise<FreshAsterisk> {
    const home = await mkdtemp(join(tmpdir(), "tieline-fresh-"));
    const asterisk = new FreshAsterisk(home, await freeUdpPort(), await freePort());
    await asterisk.#install();
    await asterisk.#boot();
    return asterisk;
  }

  /** Its folder of configuration. */
  get etc(): string {
    return join(this.home, "etc");
  }

  /** Adds to the end of a file of its configuration, as with an editor. */
  append(file: string, text: string): Promise<void> {
    return appendFile(join(this.etc, file), `\n${text}\n`);
  }

  /** Puts lines into the section `[general]` of `manager.conf`. */
  async setGeneral(text: string): Promise<void> {
    const file = join(this.etc, "manager.conf");
    await writeFile(file, (await readFile(file, "utf8")).replace(/^\[general\]$/m, `[general]\n${text}`));
  }

  /** `asterisk -rx COMMAND`. */
  console(command: string): Promise<string> {
    return run([...loader(), "-C", join(this.etc, "asterisk.conf"), "-rx", command], "", { LC_ALL: "C.UTF-8" });
  }

  log(): string {
    return this.#program?.log() ?? "";
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    await rm(this.home, { recursive: true, force: true });
  }

  /** Copies the package's configuration; only folders and ports are those of this machine. */
  async #install(): Promise<void> {
    await cp(join(root, "etc/asterisk"), this.etc, { recursive: true });
    for (const folder of ["lib/keys", "spool", "run", "log", "cache", "data/sounds"]) await mkdir(join(this.home, folder), { recursive: true });
    const share = join(root, "usr/share/asterisk");
    await symlink(join(share, "documentation"), join(this.home, "data/documentation"));
    await symlink(join(share, "sounds/en_US_f_Allison"), join(this.home, "data/sounds/en"));
    const folders = { astetcdir: "etc", astvarlibdir: "lib", astdbdir: "lib", astkeydir: "lib", astdatadir: "data", astagidir: "data/agi-bin", astspooldir: "spool", astrundir: "run", astlogdir: "log", astcachedir: "cache" };
    const lines = Object.entries(folders).map(([key, folder]) => `${key} => ${join(this.home, folder)}`);
    const modules = ["usr/lib/asterisk/modules", "usr/lib/x86_64-linux-gnu/asterisk/modules", "usr/lib/aarch64-linux-gnu/asterisk/modules"];
    const [found] = modules.map((folder) => join(root, folder)).filter((folder) => existsSync(folder));
    await writeFile(join(this.etc, "asterisk.conf"), `[directories]\nastmoddir => ${found}\n${lines.join("\n")}\n`);
    const manager = join(this.etc, "manager.conf");
    await writeFile(manager, (await readFile(manager, "utf8")).replace(/^port = 5038$/m, `port = ${this.manager}`));
    await this.append("pjsip.conf", pjsip(this.sip));
    await this.append("extensions.conf", DIALPLAN);
  }

  async #boot(): Promise<void> {
    const command = [...loader(), "-C", join(this.etc, "asterisk.conf"), "-f", "-v"];
    try {
      this.#program = (await Program.start("asterisk", command, /^/, { env: { LC_ALL: "C.UTF-8" } })).program;
      await greets(this.manager);
    } catch (error) {
      const log = this.log();
      await this.stop();
      throw new Error(`${String(error)}\n${log}`, { cause: error });
    }
  }
}

const root = join(process.env.TIELINE_PEERS ?? fromTop("target/peers"), "asterisk22");

/** The program by the loader and libraries it came with. */
function loader(): string[] {
  const libraries = ["usr/lib", "lib"]
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith("-linux-gnu")).map((name) => join(folder, name)));
  const loaders = libraries.flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith("ld-")).map((name) => join(folder, name)));
  const [first] = loaders.sort();
  if (first === undefined) throw new Error(`${root} has no dynamic loader; \`cargo xtask test\` fetches it`);
  return [first, "--library-path", [...libraries, join(root, "usr/lib")].join(":"), join(root, "usr/sbin/asterisk")];
}

/** Waits until the manager interface says who it is. */
async function greets(port: number): Promise<void> {
  const end = Date.now() + BOOT_MS;
  for (;;) {
    if (await isGreeted(port)) return;
    if (Date.now() > end) throw new Error(`the manager interface did not answer within ${BOOT_MS} ms`);
    // There is nothing to wait on before the port is open.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isGreeted(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (bytes) => settle(bytes.toString().startsWith("Asterisk Call Manager")));
    socket.once("error", () => settle(false));
    socket.once("close", () => settle(false));
  });
}
