import { m } from "../../i18n/generated/messages.js";
import { Segments } from "../../ui/Segments/Segments";

export const HOOK_LOOKS = ["settings", "deliveries"] as const;
export type HookLook = (typeof HOOK_LOOKS)[number];

/** What is said of an endpoint, or what became of the events there. */
export function HookViews({ value, onChange }: { value: HookLook; onChange: (view: HookLook) => void }) {
  const words = { settings: m.acd_settings, deliveries: m.hook_deliveries };
  return <Segments label={m.admin_view()} options={HOOK_LOOKS.map((id) => ({ id, label: words[id]() }))} value={value} onChange={(next) => { if (next !== value) onChange(next); }} />;
}
