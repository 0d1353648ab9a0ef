import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { SwitchAddress } from "./daemon.ts";
import { Program, built, fromTop } from "./program.ts";

export interface SimulatorOptions {
  /** A plan, from the top of the tree. */
  plan?: string;
  /** Calls per minute that come by themselves. */
  traffic?: number;
  /** How it is talked to: the manager interface, or a kind of CSTA. */
  face?: string;
}

/** The simulated switch. Starts in a moment and needs no peer; what the real one does is proved with the laboratory. */
export class Simulator {
  private constructor(
    readonly program: Program,
    readonly port: number,
    readonly control: number,
  ) {}

  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const { plan = "fixtures/plans/lab.toml", traffic = 0, face = "ami" } = options;
    const words = ["--plan", fromTop(plan), "--face", face, "--traffic", String(traffic)];
    const ports = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"];
    const command = [built("TIELINE_SIM", "debug/switch-sim"), ...words, ...ports];
    const { program, match } = await Program.start("switch-sim", command, /^listening on \S+:(\d+)$/);
    const control = await program.says(/^control on \S+:(\d+)$/);
    return new Simulator(program, Number(match[1]), Number(control[1]));
  }

  /** What the daemon links. */
  get switch(): SwitchAddress {
    const users = { user: "cti-ev", password: "lab-ev", user_actions: "cti-act", password_actions: "lab-act" };
    return { address: "127.0.0.1", port: this.port, ...users, context: "phones" };
  }

  /** Orders a deed, as `call +420605550142 600` or `answer 1001` (`switch-sim --help` lists them). */
  order(deed: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.control, "127.0.0.1", () => socket.write(`${deed}\n`));
      socket.once("error", reject);
      createInterface(socket).once("line", (line) => {
        socket.destroy();
        if (line === "ok") resolve();
        else reject(new Error(`${deed}: ${line}`));
      });
    });
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}
