import { useRef, useState } from "react";
import { events } from "../../api/client";
import { errorText } from "../../domain/can";
import type { CheckStep } from "../../api/types";
import { isCsta } from "./cstaForm";
import { advance, CSTA_IDLE, IDLE, type PathEvent, type PathTest } from "./pathTest";
import { bodyOf, type SwitchDraft } from "./switchForm";

/** What is tested: a switch as it is stored, or a form that is not saved. */
export type Subject = { kind: "stored"; id: string; of: string } | { kind: "draft"; draft: SwitchDraft };

/** Path tests by switch. One runs at a time; a new one ends the one before. */
export function usePathTests() {
  const [tests, setTests] = useState<Readonly<Record<string, PathTest>>>({});
  const running = useRef<AbortController | null>(null);

  const run = async (key: string, subject: Subject) => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    const began = performance.now();
    const tell = (event: PathEvent) => {
      if (!own.signal.aborted) setTests((all) => ({ ...all, [key]: advance(all[key] ?? IDLE, event) }));
    };
    const kind = subject.kind === "stored" ? subject.of : subject.draft.kind;
    tell({ kind: "started", at: new Date().toISOString(), csta: isCsta(kind) });
    try {
      await follow(subject, own.signal, tell);
      tell({ kind: "done", took_ms: Math.round(performance.now() - began) });
    } catch (error) {
      tell({ kind: "broken", problem: errorText(error) });
    }
  };

  /** The test of a switch of this kind; one of another kind was of another form. */
  const of = (key: string, kind: string): PathTest => {
    const idle = isCsta(kind) ? CSTA_IDLE : IDLE;
    const test = tests[key];
    const fits = test?.steps.some((step) => step.place === idle.steps[0]?.place);
    return test !== undefined && fits ? test : idle;
  };
  return { of, run };
}

async function follow(subject: Subject, signal: AbortSignal, tell: (event: PathEvent) => void): Promise<void> {
  const steps = subject.kind === "stored"
    ? events("POST", `/v1/switches/${encodeURIComponent(subject.id)}/test`, { signal })
    : events("POST", "/v1/switches/test", { signal, body: bodyOf(subject.draft) });
  for await (const { event, data } of steps) {
    // The shape of a step is the contract of the endpoint.
    if (event === "step") tell({ kind: "step", step: data as CheckStep });
  }
}
