import { useLive, useMyDevice, useRights } from "../../app/hooks";
import { isSwitchDown } from "../../live/links";
import { m } from "../../i18n/generated/messages.js";

/** Why nothing can be dialled now. */
export function useWhyNot(): string | null {
  const { has } = useRights();
  const device = useMyDevice();
  const problem = useLive((state) => (state.connection.phase !== "open" ? "offline" : isSwitchDown(state, device?.switch) ? "link" : null));
  if (!has("call.command")) return m.why_no_right();
  if (problem === "offline") return m.why_offline();
  if (device === undefined) return m.why_no_phone();
  return problem === "link" ? m.why_link_down() : null;
}
