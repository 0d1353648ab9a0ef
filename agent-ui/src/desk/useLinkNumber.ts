import { useSearch } from "@tanstack/react-router";

/** What stands behind `?number=` as a browser hands a link over, with its scheme; empty when nothing does. */
export function useLinkNumber(): string {
  const { number }: { number?: unknown } = useSearch({ strict: false });
  // The router reads bare digits as a number.
  return typeof number === "string" || typeof number === "number" ? String(number) : "";
}
