// Colleagues and contacts whose name fits what stands in the dial field.
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { ContactView } from "../../api/types";
import { useLive, useRights } from "../../app/hooks";
import { usePersonName } from "../../app/people";
import { phone } from "../../domain/format";
import { looksDialable } from "../../domain/numbers";
import type { Choice } from "../../ui/Select/Select";

export interface Person extends Choice {
  number: string;
}

const SHORTEST = 2;
const SHOWN_OF_EACH = 6;

export function usePeople(text: string): Person[] {
  const wanted = plain(text);
  const isName = wanted.length >= SHORTEST && !looksDialable(text);
  const { has } = useRights();
  const nameOf = usePersonName();
  const agents = useLive((state) => (isName ? [...state.parts.agents.items.values()] : []));
  const colleagues = agents
    .map((agent) => ({ ...agent, name: nameOf(agent.user, agent.name) }))
    .filter((agent) => agent.extension && plain(agent.name).includes(wanted))
    .slice(0, SHOWN_OF_EACH);
  const { data } = useQuery({
    queryKey: ["contacts", "dial", wanted],
    queryFn: () => call<{ items: ContactView[] }>("GET", `/v1/contacts?${new URLSearchParams({ q: text.trim(), limit: String(SHOWN_OF_EACH) })}`),
    enabled: isName && has("contact.read"),
  });
  const contacts = isName ? (data?.items ?? []) : [];
  return [
    ...colleagues.map((agent) => ({ id: agent.id, label: agent.name, note: agent.extension ?? "", number: agent.extension ?? "" })),
    ...contacts.flatMap((contact) =>
      contact.numbers.slice(0, 1).map((one) => ({ id: contact.id, label: contact.name, note: phone(one.e164 ?? one.number), number: one.e164 ?? one.number })),
    ),
  ];
}

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
