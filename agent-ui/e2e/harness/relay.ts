import { type Server, type Socket, connect, createServer } from "node:net";

/** The network between a browser and the daemon, as bytes: it can be cut, open WebSockets included, and mended. */
export class Relay {
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(target: string): Promise<Relay> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    const relay = new Relay(server);
    server.on("connection", (near) => {
      if (relay.#isCut) return near.destroy();
      const far = connect(Number(port), hostname);
      for (const [one, other] of [[near, far], [far, near]] as const) {
        relay.#ends.add(one);
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          relay.#ends.delete(one);
          other.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  /** What a browser opens instead of the daemon. */
  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  /** Breaks every connection and lets none through. */
  cut(): void {
    this.#isCut = true;
    for (const end of this.#ends) end.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
