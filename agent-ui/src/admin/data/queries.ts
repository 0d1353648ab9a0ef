import { queryOptions } from "@tanstack/react-query";
import { api, call, ok } from "../../api/client";
import type { AgentView, Assignment, ContactView, DeviceView, ExtensionView, LinkView, PopLogView, PopRule, QueueView, SetupView, SwitchView, UserView } from "../../api/types";
import { everyPage, type Listed, PAGE_ROWS, queryText } from "./pages";

/** How often facts that no view carries are read again while somebody looks. */
const FACTS_AGAIN_MS = 4_000;

export const switchesQuery = queryOptions({
  queryKey: ["switches"],
  queryFn: async () => (await call<Listed<SwitchView>>("GET", "/v1/switches")).items,
});

/** Links with what following their devices costs, which the stream does not carry. */
export const linksQuery = queryOptions({
  queryKey: ["links"],
  queryFn: async () => (await call<Listed<LinkView>>("GET", "/v1/links")).items,
  refetchInterval: FACTS_AGAIN_MS,
});

export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: () => call<SetupView>("GET", "/v1/setup"),
  refetchInterval: FACTS_AGAIN_MS,
});

function whole<T>(key: string, path: string, again: number | false = false) {
  return queryOptions({
    queryKey: [key, "whole"],
    queryFn: () => everyPage((cursor) => call<Listed<T>>("GET", path + queryText({ limit: PAGE_ROWS, cursor }))),
    refetchInterval: again,
  });
}

export const devicesQuery = whole<DeviceView>("devices", "/v1/devices", FACTS_AGAIN_MS);
export const agentsQuery = whole<AgentView>("agents", "/v1/agents", FACTS_AGAIN_MS);
export const queuesQuery = whole<QueueView>("queues", "/v1/queues", FACTS_AGAIN_MS);
export const extensionsQuery = whole<ExtensionView>("extensions", "/v1/extensions");
export const assignmentsQuery = whole<Assignment>("assignments", "/v1/assignments");
export const usersQuery = whole<UserView>("users", "/v1/users");

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: async () => (await ok(api.GET("/v1/roles"))).items,
  staleTime: 60_000,
});

export const popRulesQuery = queryOptions({
  queryKey: ["pop_rules"],
  queryFn: async () => (await call<Listed<PopRule>>("GET", "/v1/pop_rules")).items,
});

/** Lines of the log of pops that a screen shows at once. */
const POP_LOG_ROWS = 50;

export const popLogQuery = queryOptions({
  queryKey: ["pops"],
  queryFn: async () => (await call<Listed<PopLogView>>("GET", `/v1/pops${queryText({ limit: POP_LOG_ROWS })}`)).items,
  refetchInterval: FACTS_AGAIN_MS,
});

/** Contacts that a page of the table holds. */
export const CONTACT_ROWS = 50;

export function contactsPage(q: string, cursor: string | undefined): Promise<Listed<ContactView>> {
  return call<Listed<ContactView>>("GET", `/v1/contacts${queryText({ q, cursor, limit: CONTACT_ROWS })}`);
}
