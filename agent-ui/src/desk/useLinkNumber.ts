import { usePlace } from "../app/place";

/** What stands behind `?number=` as a browser hands a link over, with its scheme; empty when nothing does. */
export function useLinkNumber(): string {
  const { search } = usePlace();
  return new URLSearchParams(search).get("number") ?? "";
}
