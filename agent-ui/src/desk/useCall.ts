import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call as request, ifMatch, ok } from "../api/client";
import type { CallDetail, ContactView, HistoryRow, LookupView, PopView } from "../api/types";
import { useLive, useRights } from "../app/hooks";
import { otherParty } from "./legs";
import { useMyExtension } from "./useMine";

type Party = PopView["calling"];

const AGAIN_MS = 3_000;

/** A call by id: live from the stream, with what only the book has; after its end from the book; never nothing in between. */
export function useCall(id: string): { call: CallDetail | undefined; error: Error | null; retry: () => void } {
  const live = useLive((state) => state.parts.calls.items.get(id));
  const [last, setLast] = useState(live);
  if (live !== undefined && live !== last) setLast(live);
  const { data, error, refetch } = useQuery({
    // The book has something new when somebody joins or answers.
    queryKey: ["calls", id, live === undefined ? "ended" : `${live.legs.length} ${live.answered_at ?? ""}`],
    queryFn: async (): Promise<CallDetail> => ok(api.GET("/v1/calls/{id}", { params: { path: { id } } })),
    placeholderData: keepPreviousData,
    // The end may not be written yet, or the server is away for a moment.
    refetchInterval: (query) => (live !== undefined || query.state.data?.state === "ended" ? false : AGAIN_MS),
  });
  const isNews = data !== undefined && (last === undefined || data.state === "ended" || data.version >= last.version);
  const newest = isNews ? data : last;
  const call = live === undefined ? newest : withBook(live, data);
  return { call, error: newest === undefined ? error : null, retry: () => void refetch() };
}

/** The stream has no notes, stays in queues and offers; whoever gets a call by transfer wants them too. */
function withBook(live: CallDetail, book: CallDetail | undefined): CallDetail {
  if (book === undefined) return live;
  const { notes, entries, offers, transfers, disposition, durations } = book;
  return { ...live, notes, entries, offers, transfers, durations, disposition: live.disposition ?? disposition ?? null };
}

export function usePop(call: string): PopView | undefined {
  return useLive((state) => [...state.parts.pops.items.values()].find((pop) => pop.call === call && pop.state !== "dismissed"));
}

export interface Caller {
  party: Party;
  /** null while it is being looked up. */
  lookup: Pick<LookupView, "outcome" | "matches"> | null;
  /** The contact of the call: the chosen one, or the only exact match. */
  contact: ContactView | null;
  /** The choice stands on the call. */
  isStored: boolean;
  history: readonly HistoryRow[];
  isHistoryReady: boolean;
  historyError: Error | null;
}

/** Who is at the other end, from the card, the call and the contacts. */
export function useCaller(call: CallDetail | undefined, pop: PopView | undefined): Caller {
  const extension = useMyExtension();
  const party: Party = call === undefined ? (pop?.calling ?? { withheld: false }) : otherParty(call, extension);
  const number = party.number?.e164 ?? party.number?.raw ?? null;
  const known = call?.contact?.id ?? null;
  const mayRead = useRights().has("contact.read");
  const asked = useQuery({
    queryKey: ["contacts", "lookup", number, call?.switch],
    queryFn: () => request<LookupView>("GET", `/v1/contacts/lookup?${new URLSearchParams({ number: number ?? "", ...(call?.switch === undefined ? {} : { switch: call.switch }) })}`),
    // A card that rings is told who calls in the same moment, if its reader may know.
    enabled: (pop?.lookup ?? null) === null && !(pop?.state === "active" && mayRead) && number !== null && !party.withheld && call !== undefined,
  });
  const lookup = lookupOf(party, number === null && call !== undefined, asked.data ?? pop?.lookup ?? null, asked.isError);
  const matched = lookup?.matches ?? [];
  const only = lookup?.outcome === "one" && matched[0]?.confidence === "exact" ? matched[0].contact : null;
  const chosen = useContact(known, matched.find(({ contact }) => contact.id === known)?.contact);
  const contact = known === null ? only : (chosen ?? nameOnly(call));
  const history = useHistory(contact?.id ?? null, number, pop);
  return { party, lookup, contact, isStored: known !== null, ...history };
}

/** A chosen contact that is not read yet, or may not be read: its name stands on the call. */
function nameOnly(call: CallDetail | undefined): ContactView | null {
  const named = call?.contact;
  if (call === undefined || named === null || named === undefined) return null;
  return { id: named.id, name: named.name, company: named.company ?? null, version: 0, kind: "person", numbers: [], addresses: [], external_ids: [], fields: {}, links: [], created_at: call.started_at, changed_at: call.started_at };
}

/** What is known of the caller; null while it is asked. */
function lookupOf(party: Party, hasNoNumber: boolean, found: Caller["lookup"], hasFailed: boolean): Caller["lookup"] {
  if (party.withheld) return { outcome: "withheld", matches: [] };
  if (hasNoNumber || (found === null && hasFailed)) return { outcome: "none", matches: [] };
  return found;
}

/** A contact by id. */
export function useContact(id: string | null, at: ContactView | undefined): ContactView | undefined {
  const { data } = useQuery({
    queryKey: ["contacts", id],
    queryFn: () => request<ContactView>("GET", `/v1/contacts/${id}`),
    enabled: id !== null,
    ...(at === undefined ? {} : { placeholderData: at }),
  });
  return id === null ? undefined : (data ?? at);
}

interface HistoryOf {
  history: readonly HistoryRow[];
  isHistoryReady: boolean;
  historyError: Error | null;
}

function useHistory(contact: string | null, number: string | null, pop: PopView | undefined): HistoryOf {
  const query = contact === null ? (number === null ? null : new URLSearchParams({ number })) : new URLSearchParams({ contact });
  query?.set("limit", "50");
  const { data, error } = useQuery({
    queryKey: ["contacts", "history", contact, number],
    queryFn: () => request<{ items: HistoryRow[] }>("GET", `/v1/contacts/history?${query}`),
    enabled: query !== null,
  });
  const first = pop?.history ?? [];
  return { history: data?.items ?? first, isHistoryReady: data !== undefined || query === null || first.length > 0, historyError: data === undefined ? error : null };
}

/** Writes the choice of a contact on the call; null takes it back. */
export function useChooseContact(callId: string): (contact: string | null) => Promise<void> {
  const queries = useQueryClient();
  return async (contact) => {
    await request("PUT", `/v1/calls/${callId}/contact`, { body: { contact } });
    await queries.invalidateQueries({ queryKey: ["calls"] });
  };
}

/** Saves changes of a contact; refused with `stale_version` when somebody else was quicker. */
export function useSaveContact(): (contact: ContactView, change: Partial<ContactView>) => Promise<ContactView> {
  const queries = useQueryClient();
  return async (contact, change) => {
    const saved = await request<ContactView>("PATCH", `/v1/contacts/${contact.id}`, { body: change, ifMatch: ifMatch(contact.version) });
    queries.setQueryData(["contacts", saved.id], saved);
    await queries.invalidateQueries({ queryKey: ["contacts", "lookup"] });
    return saved;
  };
}

/** Adds a contact. */
export function useAddContact(): (contact: Partial<ContactView>) => Promise<ContactView> {
  const queries = useQueryClient();
  return async (contact) => {
    const saved = await request<ContactView>("POST", "/v1/contacts", { body: contact });
    queries.setQueryData(["contacts", saved.id], saved);
    await queries.invalidateQueries({ queryKey: ["contacts", "lookup"] });
    return saved;
  };
}
