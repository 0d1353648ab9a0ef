import { queryOptions } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Listed } from "../data/pages";
import type { Webhook } from "./webhook";

/** How often their state is read again while somebody looks. */
export const AGAIN_MS = 4_000;

/** What is read again after a change. */
export const KEYS = ["webhooks"];

export const pathOf = (id?: string, part = ""): string => `/v1/webhook_endpoints${id === undefined ? "" : `/${encodeURIComponent(id)}`}${part}`;

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks", "all"],
  queryFn: async () => (await call<Listed<Webhook>>("GET", pathOf())).items,
  refetchInterval: AGAIN_MS,
});
