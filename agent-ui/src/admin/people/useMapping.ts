import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { call, withEtag } from "../../api/client";
import { queryText } from "../data/pages";
import type { ExtensionView, Impact } from "../../api/types";
import { useSave } from "../parts/useSave";
import { type MappingDraft, mappingOf, memberChange, requestOf } from "./mapping";
import type { PhoneRow } from "./rows";

/** The form of one line, tried by the server as it is typed, saved with its queue member. */
export function useMapping(row: PhoneRow) {
  const [draft, setDraft] = useState<MappingDraft | null>(null);
  const shown = draft ?? mappingOf(row);
  const tag = useQuery({
    queryKey: ["extensions", "one", row.entry?.id],
    queryFn: () => withEtag<ExtensionView>("GET", pathOf(row)),
    enabled: row.entry !== null,
  });
  const save = useSave(async (wish: MappingDraft) => {
    const etag = tag.data?.etag;
    await call(row.entry ? "PUT" : "POST", pathOf(row), { body: requestOf(row, wish), ...(etag && { ifMatch: etag }) });
    const member = memberChange(row, wish);
    if (member) await call("PUT", `/v1/agents/${encodeURIComponent(member.agent)}/user`, { body: { user: member.user } });
  }, ["extensions", "setup", "users"]);
  const tried = useDeferredValue(shown);
  const dry = useQuery({
    queryKey: ["extensions", "dry_run", row.key, tried],
    queryFn: () => call<Impact>(row.entry ? "PUT" : "POST", pathOf(row) + queryText({ dry_run: true }), { body: requestOf(row, tried) }),
    // What is being saved is not tried again on what it has made.
    enabled: draft !== null && !save.isPending,
    retry: false,
  });
  return {
    draft: shown,
    isDirty: draft !== null,
    set: (change: Partial<MappingDraft>) => { save.reset(); setDraft({ ...shown, ...change }); },
    drop: () => { save.reset(); setDraft(null); },
    dry,
    save,
  };
}

function pathOf(row: PhoneRow): string {
  return row.entry ? `/v1/extensions/${encodeURIComponent(row.entry.id)}` : "/v1/extensions";
}
