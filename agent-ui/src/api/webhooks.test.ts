// The requests that the daemon posts to other systems (fixtures/webhooks), read by the libraries that receivers use.
import { CloudEvent, HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, test, vi } from "vitest";

import text from "../../../fixtures/webhooks/requests.json?raw";

interface Request {
  headers: Record<"webhook-id" | "webhook-timestamp" | "webhook-signature" | "content-type", string>;
  body: string;
}

const { secrets, public_key, requests } = JSON.parse(text) as {
  secrets: string[];
  public_key: string;
  requests: Request[];
};

afterEach(() => {
  vi.useRealTimers();
});

const bytes = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

// covers: INT-09
test("the reference library of Standard Webhooks verifies every request with the old and the new secret", () => {
  expect(requests.length).toBeGreaterThan(30);
  for (const secret of secrets) {
    const webhook = new Webhook(secret);
    for (const { headers, body } of requests) {
      // It refuses what is older than five minutes.
      vi.setSystemTime(Number(headers["webhook-timestamp"]) * 1000);
      expect(webhook.verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => webhook.verify(body.replace("tieline.", "other."), headers)).toThrow();
    }
  }
  const stranger = new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  for (const { headers, body } of requests) expect(() => stranger.verify(body, headers)).toThrow();
});

// covers: INT-09
test("the public key verifies the second signature of every request", async () => {
  const raw = bytes(public_key.replace("whpk_", ""));
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  for (const { headers, body } of requests) {
    const signed = new TextEncoder().encode(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
    const signature = headers["webhook-signature"].split(" ").find((one) => one.startsWith("v1a,")) ?? "";
    expect(await crypto.subtle.verify("Ed25519", key, bytes(signature.slice(4)), signed)).toBe(true);
  }
});

// covers: INT-08
test("the CloudEvents library reads every body and finds nothing wrong with it", () => {
  for (const { headers, body } of requests) {
    const event = HTTP.toEvent({ headers, body });
    if (Array.isArray(event)) throw new Error("one request is one event");
    expect(new CloudEvent(event).validate()).toBe(true);
    expect(event.id).toBe(headers["webhook-id"]);
    expect(event.type).toMatch(/^tieline\.[a-z_]+\.[a-z_]+$/);
    expect(event.source).toBe("/switches/lab");
    expect(event.subject).toMatch(/^call_/);
    expect(event["partitionkey"]).toBe(event.subject);
  }
});
