import type { Lane } from "../domain/supervisor";
import type { StateLook } from "../domain/states";
import { m } from "../i18n/generated/messages.js";

const LOOKS: Record<Lane, StateLook> = { ready: "ready", chatting: "chatting", ringing: "ringing", talking: "talking", wrap_up: "wrap_up", pause: "pause", trouble: "not_responding", logged_out: "logged_out" };

export const laneLook = (lane: Lane): StateLook => LOOKS[lane];

export function laneWord(lane: Lane): string {
  const words: Record<Lane, () => string> = {
    ready: m.live_lane_ready,
    chatting: m.state_chatting,
    ringing: m.live_lane_ringing,
    talking: m.live_lane_talking,
    wrap_up: m.live_lane_wrap_up,
    pause: m.live_lane_pause,
    trouble: m.live_lane_trouble,
    logged_out: m.live_lane_logged_out,
  };
  return words[lane]();
}
