import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "../../api/client";
import { failureWords } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { TextField } from "../../ui/Field/Field";
import { useStill } from "../parts/useStill";
import { faultsOf, planOf, type SwitchDraft } from "./switchForm";

const OF_NUMBERS = ["country", "trunk_prefix", "international_prefix", "outside_prefix", "extension_pattern", "own_numbers"] as const;

/** What the rules of the form, saved or not, make of a number: its extension, and what would be dialled. */
export function TryNumber({ draft }: { draft: SwitchDraft }) {
  const [number, setNumber] = useState("");
  const faults = faultsOf(draft, true);
  const canAsk = number.trim() !== "" && OF_NUMBERS.every((field) => faults[field] === undefined);
  const asked = useStill(canAsk ? JSON.stringify({ number, plan: planOf(draft) }) : null);
  const { data } = useQuery({
    queryKey: ["numbers", "tried", asked],
    queryFn: () => ok(api.POST("/v1/numbers/normalize", { body: JSON.parse(asked ?? "") as { number: string } })),
    enabled: asked !== null,
    retry: false,
    gcTime: 0,
  });
  return (
    <>
      <TextField label={m.admin_try_number()} type="tel" value={number} onChange={setNumber} />
      <p role="status">{asked !== null && data !== undefined && words(data)}</p>
    </>
  );
}

function words({ own_extension, dial }: { own_extension?: string | null; dial: { allowed: boolean; text?: string | null; code?: string | null; detail?: string | null } }): string {
  if (!dial.allowed) return failureWords(dial.code ?? "number_invalid", dial.detail ?? "");
  const text = dial.text ?? "";
  return own_extension ? m.admin_try_extension({ extension: own_extension }) : m.admin_try_dialled({ text });
}
