import { useQuery } from "@tanstack/react-query";
import { m } from "../../i18n/generated/messages.js";
import { Message } from "../../ui/Message/Message";
import { linksQuery } from "../data/queries";
import { refusedWords } from "./links";

/** Devices of a CSTA switch that are followed, and those for which it has no licence left. */
export function Licences({ switchId }: { switchId: string }) {
  const links = useQuery(linksQuery);
  const link = links.data?.find((one) => one.switch === switchId);
  if (link?.state !== "up" || !link.monitors) return null;
  const { used, needed, refused, refusals } = link.monitors;
  const title = m.admin_monitors({ used, needed });
  if (refused === 0) return <Message look="banner" tone="good" title={title} />;
  return (
    <Message look="banner" tone="warn" title={title}>
      <p>{m.admin_monitors_refused({ refused, devices: refusedWords(refusals, refused) })}</p>
      <p>{m.admin_fix()} {m.admin_monitors_fix()}</p>
    </Message>
  );
}
