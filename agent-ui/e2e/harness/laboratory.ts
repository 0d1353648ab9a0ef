import type { SwitchAddress } from "./daemon.ts";
import { Program, built } from "./program.ts";

interface Introduction {
  switch: SwitchAddress;
  customers: [string, string];
}

interface Reply {
  id?: number;
  ok: boolean;
  error?: string;
  result?: unknown;
}

/**
 * A real Asterisk 22 with real phones (tests/src/bin/lab.rs). Queues 600 (`support`, in turn) and 601 (`everyone`, all at
 * once) have 1001, 1002 and 1003; customers reach them as 420555000600 and 420555000601.
 */
export class Laboratory {
  #next = 1;
  readonly #waiting = new Map<number, (reply: Reply) => void>();

  private constructor(
    readonly program: Program,
    readonly introduction: Introduction,
  ) {
    program.onLine((line) => this.#hear(line));
  }

  /** Starts switch and phones; `phones` are of 1001 to 1010. */
  static async start(phones: readonly string[] = ["1001", "1002", "1003"]): Promise<Laboratory> {
    const command = [built("TIELINE_LAB", "debug/lab"), "22", "plain", ...phones];
    const { program, match } = await Program.start("lab", command, /^\{.*"ready":true.*$/, { takesInput: true });
    return new Laboratory(program, JSON.parse(match[0]));
  }

  /** Phones and customers alone, at a switch that the test runs itself. */
  static async phonesAt(sip: string, phones: readonly string[]): Promise<Laboratory> {
    const command = [built("TIELINE_LAB", "debug/lab"), "at", sip, ...phones];
    const { program, match } = await Program.start("lab", command, /^\{.*"ready":true.*$/, { takesInput: true });
    return new Laboratory(program, JSON.parse(match[0]));
  }

  /** What the daemon links. */
  get switch(): SwitchAddress {
    return this.introduction.switch;
  }

  /** Has `phone` (`1001`, `customer`, `customer2`) dial. */
  dial(phone: string, to: string) {
    return this.order({ do: "dial", phone, to });
  }

  /** Waits until it rings. */
  rings(phone: string) {
    return this.order({ do: "rings", phone });
  }

  /** Answers, and waits until it talks. */
  answer(phone: string) {
    return this.order({ do: "answer", phone });
  }

  /** Hangs up or rejects, and waits until the call is over. */
  hangUp(phone: string) {
    return this.order({ do: "hang_up", phone });
  }

  /** Waits until a call of the phone is over. */
  free(phone: string) {
    return this.order({ do: "free", phone });
  }

  /** Makes a phone a member of a queue, as an operator of the PBX would. */
  join(queue: string, phone: string) {
    const headers = { Action: "QueueAdd", Queue: queue, Interface: `PJSIP/${phone}` };
    return this.order({ do: "action", headers });
  }

  /** Any order the laboratory knows. */
  order(deed: { do: string } & Record<string, unknown>): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (reply) => {
        if (reply.ok) resolve(reply.result);
        else reject(new Error(`${JSON.stringify(deed)}: ${reply.error}`));
      });
      this.program.write(JSON.stringify({ id, ...deed }));
    });
  }

  /** Ends switch and phones. */
  async stop(): Promise<void> {
    await this.program.kill();
  }

  #hear(line: string): void {
    if (!line.startsWith("{")) {
      if (line.startsWith("(ended")) this.#giveUp(line);
      return;
    }
    const reply: Reply = JSON.parse(line);
    if (reply.id === undefined) return this.#giveUp(reply.error ?? line);
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }

  #giveUp(why: string): void {
    for (const settle of this.#waiting.values()) settle({ ok: false, error: why });
    this.#waiting.clear();
  }
}
