// How the server reads what stands in the dial field; asked a moment after the last key.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, ok } from "../../api/client";
import type { components } from "../../api/generated/rest";
import { useMyDevice } from "../../app/hooks";
import { looksDialable } from "../../domain/numbers";

const AFTER_MS = 150;

export type Normalized = components["schemas"]["NormalizeReply"];

export function useNormalized(text: string): Normalized | undefined {
  const [asked, setAsked] = useState(text);
  const device = useMyDevice();
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const isWanted = looksDialable(asked);
  const { data } = useQuery({
    queryKey: ["numbers", asked, device?.switch],
    queryFn: () => ok(api.POST("/v1/numbers/normalize", { body: { number: asked, ...(device === undefined ? {} : { switch: device.switch }) } })),
    enabled: isWanted,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  // An earlier answer is no answer to another text.
  return isWanted && looksDialable(text) ? data : undefined;
}
