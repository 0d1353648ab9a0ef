import { m } from "../i18n/generated/messages.js";
import { duration } from "../domain/format";
import { Button } from "../ui/Button/Button";
import { Message } from "../ui/Message/Message";
import { useLive, useLiveClient, useNow } from "./hooks";

/** Across the stage while there is no connection: what stays true, and what works anyway. */
export function OfflineBanner() {
  const phase = useLive((state) => state.connection.phase);
  const wasReady = useLive((state) => Object.values(state.parts).some((part) => part.ready));
  if (phase === "off") return <Off />;
  if (phase === "open" || (phase === "connecting" && !wasReady)) return null;
  return <Lost />;
}

function Lost() {
  const live = useLiveClient();
  const since = useLive((state) => state.connection.since);
  useNow();
  return (
    <Message tone="warn" look="banner" title={m.offline_title({ time: duration(Date.now() - since) })} actions={<Button size="sm" onPress={live.hurry}>{m.try_again()}</Button>}>
      {m.offline_text()}
    </Message>
  );
}

function Off() {
  const live = useLiveClient();
  return (
    <Message tone="info" look="banner" title={m.off_title()} actions={<Button size="sm" kind="primary" onPress={live.connect}>{m.link_connect()}</Button>}>
      {m.off_text()}
    </Message>
  );
}
