// The only place that fetches. Every failure becomes an ApiError with the server's own words.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/rest";

type ProblemBody = components["schemas"]["ProblemBody"];

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: ReadonlyArray<components["schemas"]["FieldError"]>;
  readonly traceId: string | null;

  constructor(status: number, problem: Partial<ProblemBody>) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? (status === 0 ? "unreachable" : "unknown");
    this.detail = problem.detail ?? "";
    this.errors = problem.errors ?? [];
    this.traceId = problem.trace_id ?? null;
  }
}

let frame: { token: string | null } | null = null;

/** In a frame of another page: this token instead of the cookie, which is not sent even where the browser would. */
export function beFramed(token: string | null): void {
  frame = { token };
}

/** The token of a frame, for the stream; null where the cookie says who it is. */
export const frameToken = (): string | null => frame?.token ?? null;

/** Fetch that throws an ApiError instead of a TypeError when the server cannot be reached. */
async function reach(request: Request): Promise<Response> {
  try {
    if (frame === null) return await fetch(request);
    if (frame.token !== null) request.headers.set("authorization", `Bearer ${frame.token}`);
    return await fetch(request, { credentials: "omit" });
  } catch {
    throw new ApiError(0, {});
  }
}

/** Typed by the API description. Give the result to `ok`. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "", fetch: reach });

/** The data of an answer, or an ApiError. */
export async function ok<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ApiError(response.status, isProblem(error) ? error : {});
  return data as T;
}

export interface CallOptions {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, for example CSV; a file keeps its bytes. */
  text?: { type: string; content: string | Blob };
  /** An ETag as it was received. */
  ifMatch?: string;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

export interface Tagged<T> {
  data: T;
  etag: string | null;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

async function respond(method: Method, path: string, options: CallOptions, accept: string): Promise<Response> {
  const headers = new Headers({ accept });
  if (options.ifMatch !== undefined) headers.set("if-match", options.ifMatch);
  if (options.idempotencyKey !== undefined) headers.set("idempotency-key", options.idempotencyKey);
  let body: string | Blob | null = null;
  if (options.text !== undefined) {
    headers.set("content-type", options.text.type);
    body = options.text.content;
  } else if (options.body !== undefined) {
    headers.set("content-type", "application/json");
    body = JSON.stringify(options.body);
  }
  const request = new Request(new URL(path, globalThis.location.origin), {
    method,
    headers,
    body,
    signal: options.signal ?? null,
  });
  const response = await reach(request);
  if (!response.ok) throw new ApiError(response.status, await readProblem(response));
  return response;
}

/** For paths that the description does not name yet. */
export async function withEtag<T>(method: Method, path: string, options: CallOptions = {}): Promise<Tagged<T>> {
  const response = await respond(method, path, options, "application/json");
  const text = await response.text();
  return { data: (text === "" ? undefined : JSON.parse(text)) as T, etag: response.headers.get("etag") };
}

/** As `withEtag`, without the tag. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  return (await withEtag<T>(method, path, options)).data;
}

/** Server-sent events of one request: name and data of each, until the server ends. */
export async function* events(
  method: Method,
  path: string,
  options: CallOptions = {},
): AsyncGenerator<{ event: string; data: unknown }> {
  const response = await respond(method, path, options, "text/event-stream");
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const read = readBlock(block);
      if (read !== null) yield read;
    }
  }
}

function readBlock(block: string): { event: string; data: unknown } | null {
  const lines = block.split("\n");
  const field = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trimStart());
  const data = field("data");
  if (data.length === 0) return null;
  return { event: field("event")[0] ?? "message", data: JSON.parse(data.join("\n")) as unknown };
}

/** The `If-Match` value of a version. */
export const ifMatch = (version: number): string => `"${version}"`;

/** One key per click, so that a repeated request is one command. */
export const idempotencyKey = (): string => crypto.randomUUID();

function isProblem(value: unknown): value is ProblemBody {
  return typeof value === "object" && value !== null && "code" in value;
}

async function readProblem(response: Response): Promise<Partial<ProblemBody>> {
  try {
    const body: unknown = await response.json();
    return isProblem(body) ? body : {};
  } catch {
    return {};
  }
}

/** The daemon answers at all; asked before anybody is signed in. */
export async function isServerThere(): Promise<boolean> {
  try {
    return (await fetch("/livez")).ok;
  } catch {
    return false;
  }
}
