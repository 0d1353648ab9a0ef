// Fields of contacts that administrators define, and other systems that contacts have keys in.
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import type { components } from "../api/generated/rest";
import { useRights } from "./hooks";

type Schemas = components["schemas"];
export type OwnField = Schemas["ContactFieldView"];
export type ExternalSystem = Schemas["ExternalSystemView"];

/** They change by the month. */
const FRESH_MS = 5 * 60_000;
const NO_FIELDS: readonly OwnField[] = [];
const NO_SYSTEMS: readonly ExternalSystem[] = [];

/** Fields that are shown, in their order; none until they are here. */
export function useOwnFields(): readonly OwnField[] {
  const { has } = useRights();
  const { data } = useQuery({
    queryKey: ["contact_fields"],
    queryFn: async () => (await ok(api.GET("/v1/contact_fields"))).items.filter(({ active }) => active !== false),
    enabled: has("contact.read"),
    staleTime: FRESH_MS,
  });
  return data ?? NO_FIELDS;
}

export function useExternalSystems(): readonly ExternalSystem[] {
  const { has } = useRights();
  const { data } = useQuery({
    queryKey: ["external_systems"],
    queryFn: async () => (await ok(api.GET("/v1/external_systems"))).items,
    enabled: has("contact.read"),
    staleTime: FRESH_MS,
  });
  return data ?? NO_SYSTEMS;
}
