import { useEffect, useState } from "react";

/** Who still types is not asked about. */
const STILL_MS = 350;

/** The text once it has stood still; at once when there is none any more. */
export function useStill(text: string | null): string | null {
  const [still, setStill] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setStill(text), STILL_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return text === null ? null : still;
}
