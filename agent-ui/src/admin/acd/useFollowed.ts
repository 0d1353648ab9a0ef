import { type RefObject, useEffect, useState } from "react";

interface Step {
  to: number;
  way: "up" | "down";
}

/** A row that is moved keeps the focus on its button (`data-move`), so that a second press moves the same row on. */
export function useFollowed(list: RefObject<HTMLElement | null>): (from: number, to: number) => void {
  const [step, setStep] = useState<Step | null>(null);
  useEffect(() => {
    if (step !== null) list.current?.querySelectorAll<HTMLElement>(`[data-move=${step.way}]`)[step.to]?.focus();
  }, [step, list]);
  return (from, to) => setStep({ to, way: to < from ? "up" : "down" });
}
