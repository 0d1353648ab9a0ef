// Who a card says is calling.
import type { ContactView, PopView } from "../api/types";

/** The only exact match of a card; a suggestion is nobody's name. */
export function exactMatch(pop: PopView | undefined): ContactView | null {
  const [match] = pop?.lookup?.matches ?? [];
  return pop?.lookup?.outcome === "one" && match?.confidence === "exact" ? match.contact : null;
}
