import { useLiveClient, useMe } from "../app/hooks";
import { m } from "../i18n/generated/messages.js";
import { Switch } from "../ui/Choice/Choice";
import { keepFor, useWantsNotices } from "./notices";

/** Whoever answers for missed calls is told of each, at this computer. */
export function NoticeSwitch() {
  const user = useMe().user ?? "";
  const { clock } = useLiveClient();
  const wants = useWantsNotices(user);
  const set = (isOn: boolean) => keepFor(user, isOn ? { since: new Date(clock.now()).toISOString(), told: [] } : null);
  return <Switch isSelected={wants} onChange={set}>{m.work_notices()}</Switch>;
}
