// covers: INT-11 INT-15
import { describe, expect, it } from "vitest";
import type { HostRecord } from "../protocol";
import { type CallLog, Logs, type Phone, subjectOf } from "./adapter";
import { queryOf } from "./dynamics";

const call = { id: "call_1", direction: "inbound" as const, number: "+420605550142", withheld: false, name: "Jana", dialled: null, queue: null, started_at: "2026-11-12T10:00:00Z", contact: null };
const log = (revision: number): CallLog => ({ call, answered: true, answered_at: call.started_at, ended_at: call.started_at, duration_ms: 30_000, note: "", category: null, record: null, revision });

function phone() {
  const saved: HostRecord[] = [];
  const failed: string[] = [];
  const none = () => undefined;
  const told: Phone = { dial: none, focus: none, recordShown: none, signOut: none, logSaved: (_, record) => saved.push(record), logFailed: (_, detail) => failed.push(detail) };
  return { told, saved, failed };
}

describe("logs in a host", () => {
  it("wait for the first record and change it, whatever the host takes for an answer", async () => {
    const { told, saved } = phone();
    const logs = new Logs(told, "Task");
    const deeds: string[] = [];
    let answer: (id: string) => void = () => undefined;
    const made = new Promise<string>((resolve) => (answer = resolve));
    const make = () => (deeds.push("make"), made);
    const save = (revision: number) => logs.save(log(revision), make, async (id) => void deeds.push(`change ${id}`));
    const both = [save(1), save(2)];
    answer("00T1");
    await Promise.all(both);
    expect(deeds).toEqual(["make", "change 00T1"]);
    expect(saved).toEqual([{ type: "Task", id: "00T1" }, { type: "Task", id: "00T1" }]);
  });

  it("are tried anew after a refusal, which is told", async () => {
    const { told, saved, failed } = phone();
    const logs = new Logs(told, "Task");
    await logs.save(log(1), () => Promise.reject(new Error("no right")), () => Promise.resolve());
    await logs.save(log(2), () => Promise.resolve("00T2"), () => Promise.resolve());
    expect(failed).toEqual(["no right"]);
    expect(saved).toEqual([{ type: "Task", id: "00T2" }]);
  });

  it("name the other end, and a number never breaks out of a query", () => {
    expect(subjectOf(log(1))).toBe("Call from Jana");
    expect(queryOf("+420605550142")).toContain("telephone1 eq '%2B420605550142'");
    expect(queryOf("1' or name ne '&$top=1")).not.toMatch(/'[^']*' or name|\$top/);
  });
});
