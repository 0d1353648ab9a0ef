import type { HearingMode } from "../domain/listening";
import type { Tile } from "../domain/supervisor";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Message } from "../ui/Message/Message";
import type { Listening } from "./useListening";

function words(mode: HearingMode, name: string): string {
  if (mode === "listen") return m.live_hears_listen({ name });
  if (mode === "whisper") return m.live_hears_whisper({ name });
  return mode === "barge_in" ? m.live_hears_barge_in({ name }) : m.live_hears_unknown({ name });
}

/** That the own phone hears somebody's call, for as long as the switch says so. */
export function ListenBar({ listening, tiles }: { listening: Listening; tiles: readonly Tile[] }) {
  const { hearing, isPending, end } = listening;
  if (hearing === null) return null;
  const name = tiles.find(({ agent }) => agent.state.call === hearing.call)?.name ?? "–";
  return (
    <Message tone="info" look="banner" live="status" actions={<Button size="sm" isPending={isPending} onPress={end}>{m.live_listen_end()}</Button>}>
      {words(hearing.mode, name)}
    </Message>
  );
}
