import { type Server, createServer } from "node:http";

/** How long a page that must be asked for may take. */
const PATIENCE_MS = 15_000;

/** Another company's web site: a page of its own on a port of its own, and what browsers asked it for. */
export class OtherSite {
  readonly requests: string[] = [];
  /** What it answers from now on. */
  status = 200;
  html = "";
  readonly #waiting = new Set<() => void>();

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async start(html = "<!doctype html><title>Customers</title><h1>Customers</h1>"): Promise<OtherSite> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const site = new OtherSite(server, `http://127.0.0.1:${port}`);
    site.html = html;
    server.on("request", (request, answer) => {
      const path = request.url ?? "";
      // Browsers ask for this one by themselves.
      if (path === "/favicon.ico") return void answer.writeHead(404).end();
      site.requests.push(path);
      answer.writeHead(site.status, { "content-type": "text/html; charset=utf-8" }).end(site.html);
      for (const look of site.#waiting) look();
    });
    return site;
  }

  /** Waits until it was asked so many times. */
  asked(times: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () => end(() => reject(new Error(`asked ${this.requests.length} times, not ${times}: ${this.requests.join(" ")}`)));
      const timer = setTimeout(fail, PATIENCE_MS);
      const look = () => this.requests.length >= times && end(resolve);
      const end = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        act();
      };
      this.#waiting.add(look);
      look();
    });
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
