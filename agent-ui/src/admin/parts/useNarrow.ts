import { useMedia } from "../../app/media";

/** How much a table may show beside its pane: columns of less weight go first, names are not cut to nothing. */
export function useNarrow(): "wide" | "medium" | "small" {
  const isMedium = useMedia("(max-width: 79.99rem)");
  const isSmall = useMedia("(max-width: 44.99rem)");
  return isSmall ? "small" : isMedium ? "medium" : "wide";
}
