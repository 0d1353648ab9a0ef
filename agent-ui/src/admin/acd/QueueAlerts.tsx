import { BellOff } from "lucide-react";
import { queueAlertId, sortAlerts } from "../../domain/queueAlerts";
import { m } from "../../i18n/generated/messages.js";
import { QueueAlertRow } from "../../supervisor/QueueAlertRow";
import { useQueueAlerts } from "../../supervisor/useQueueAlerts";
import { Empty } from "../../ui/Empty/Empty";
import { Pane } from "../../ui/Pane/Pane";
import { Loaded } from "../parts/Loaded";

/** What the limits of a queue raise now, and raised within the last hour. */
export function QueueAlerts({ id }: { id: string }) {
  const alerts = useQueueAlerts();
  return (
    <Pane title={m.acd_alerts()} head="admin" ground="canvas">
      <Loaded query={alerts} title={m.live_alerts_unread()}>
        {({ items, at }) => {
          const { open, over } = sortAlerts(items.filter(({ queue }) => queue === id), at);
          if (open.length + over.length === 0) return <Empty icon={<BellOff />} title={m.acd_alerts_none()}>{m.acd_alerts_none_text()}</Empty>;
          return <ul aria-label={m.acd_alerts()}>{[...open, ...over].map((alert) => <QueueAlertRow key={queueAlertId(alert)} alert={alert} readAt={at} />)}</ul>;
        }}
      </Loaded>
    </Pane>
  );
}
