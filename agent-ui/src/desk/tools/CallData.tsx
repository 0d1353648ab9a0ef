import type { CallDetail } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { SectionHead } from "../../ui/Pane/Pane";
import css from "./Tools.module.css";

/** Data bound to the call, as the switch or a program gave it. */
export function CallData({ call }: { call: CallDetail | undefined }) {
  const rows = Object.entries(call?.data ?? {});
  if (rows.length === 0) return null;
  return (
    <section aria-label={m.desk_call_data()} className={css.data}>
      <SectionHead title={m.desk_call_data()} />
      <dl>{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  );
}
