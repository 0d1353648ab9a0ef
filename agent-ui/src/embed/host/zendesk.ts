// Zendesk, an app of the Zendesk Apps Framework in the top bar. Its page loads zaf_sdk.min.js.
// Checked against the ZAF client reference (on, invoke, request) and its event `voice.dialout` of Talk Partner Edition.
// Tickets are made by the Tickets API with the session of the agent, so that no key of Zendesk is needed here.
import { type Adapter, idIn, is, Logs, seconds, subjectOf } from "./adapter";
import type { DeskMessages } from "../protocol";

interface ZafClient {
  on(event: string, listener: (data: unknown) => void): void;
  invoke(action: string, ...words: unknown[]): Promise<unknown>;
  request(options: object): Promise<unknown>;
}

declare global {
  interface Window {
    ZAFClient?: { init(): ZafClient | false };
  }
}

export function zendesk(): Adapter {
  const client = window.ZAFClient?.init();
  if (!client) throw new Error("ZAFClient is not there, or this is no app of Zendesk: load zaf_sdk.min.js before this");
  let logs: Logs | null = null;
  return {
    start(phone) {
      logs = new Logs(phone, "ticket");
      client.on("voice.dialout", (data) => {
        const { number, userId, ticketId } = clickOf(data);
        if (number === null) return;
        const record = ticketId !== null ? { type: "ticket", id: ticketId } : userId !== null ? { type: "user", id: userId } : undefined;
        phone.dial(number, record);
      });
    },
    on(type, data) {
      if (is("call.offered", type, data) && !data.resumed) void client.invoke("popover", "show").catch(complain);
      if (is("screen.pop", type, data)) void pop(client, data).catch(complain);
      if (is("call.log", type, data)) void logs?.save(data, () => make(client, data), (id) => comment(client, id, data));
    },
  };
}

function complain(error: unknown): void {
  console.error("tieline: Zendesk refused", error);
}

function clickOf(data: unknown): Record<"number" | "userId" | "ticketId", string | null> {
  const given: Record<string, unknown> = typeof data === "object" && data !== null ? { ...data } : {};
  const text = (name: string) => (typeof given[name] === "string" || typeof given[name] === "number" ? String(given[name]) : null);
  return { number: text("number"), userId: text("userId"), ticketId: text("ticketId") };
}

async function pop(client: ZafClient, { call, url }: DeskMessages["screen.pop"]): Promise<void> {
  const known = idIn(call, "zendesk");
  if (url !== null) window.open(url, "tieline-pop", "noopener");
  else if (known !== null) await client.invoke("routeTo", "user", known);
  else if (call.number !== null) {
    const found = await findUser(client, call.number);
    if (found !== null) await client.invoke("routeTo", "user", found);
  }
}

/** The only user with this number. */
async function findUser(client: ZafClient, number: string): Promise<string | null> {
  const query = encodeURIComponent(`role:end-user phone:"${number.replace(/[^0-9+*#]/g, "")}"`);
  const answer = await client.request({ url: `/api/v2/users/search.json?query=${query}`, type: "GET" });
  const users = typeof answer === "object" && answer !== null && "users" in answer && Array.isArray(answer.users) ? answer.users : [];
  const [first]: unknown[] = users;
  return users.length === 1 && typeof first === "object" && first !== null && "id" in first ? String(first.id) : null;
}

function bodyOf(log: DeskMessages["call.log"]): string {
  const lines = [subjectOf(log), `Number: ${log.call.number ?? "withheld"}`, `Duration: ${seconds(log.duration_ms)} s`, ...(log.note === "" ? [] : ["", log.note])];
  return lines.join("\n");
}

/** A comment on the ticket that was shown; otherwise a new ticket. */
async function make(client: ZafClient, log: DeskMessages["call.log"]): Promise<string> {
  if (log.record?.type === "ticket") {
    await comment(client, log.record.id, log);
    return log.record.id;
  }
  const requester = log.record?.type === "user" ? log.record.id : (idIn(log.call, "zendesk") ?? (log.call.number === null ? null : await findUser(client, log.call.number)));
  const ticket = { subject: subjectOf(log), comment: { body: bodyOf(log), public: false }, external_id: log.call.id, ...(requester === null ? {} : { requester_id: Number(requester) }) };
  const answer = await client.request({ url: "/api/v2/tickets.json", type: "POST", contentType: "application/json", data: JSON.stringify({ ticket }) });
  const made = typeof answer === "object" && answer !== null && "ticket" in answer ? answer.ticket : null;
  if (typeof made === "object" && made !== null && "id" in made) return String(made.id);
  throw new Error("Zendesk gave no ticket");
}

async function comment(client: ZafClient, id: string, log: DeskMessages["call.log"]): Promise<void> {
  const ticket = { comment: { body: bodyOf(log), public: false } };
  await client.request({ url: `/api/v2/tickets/${encodeURIComponent(id)}.json`, type: "PUT", contentType: "application/json", data: JSON.stringify({ ticket }) });
}
