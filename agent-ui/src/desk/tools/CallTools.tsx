import { memo } from "react";
import { m } from "../../i18n/generated/messages.js";
import { SectionHead } from "../../ui/Pane/Pane";
import { useDesk } from "../desk";
import { TransferPanel } from "../transfer/TransferPanel";
import { useCall } from "../useCall";
import { useWrapUpCall } from "../useFocus";
import { CallData } from "./CallData";
import { Category } from "./Category";
import { Note } from "./Note";
import css from "./Tools.module.css";

/** Beside a call: note and category on top, then the transfer panel or the data of the call. Key it by the call. */
export const CallTools = memo(function CallTools({ id }: { id: string }) {
  const { call } = useCall(id);
  const { transfer } = useDesk();
  const wrapUp = useWrapUpCall();
  const hasPanel = transfer === id && call?.state === "live";
  return (
    <div className={css.tools} data-panel={hasPanel || undefined} data-wrap-up={wrapUp === id || undefined}>
      <div className={css.top}>
        <SectionHead title={m.desk_note_and_category()} level={2} />
        <div className={css.topBody}>
          <Note id={id} call={call} />
          {wrapUp !== id && <Category id={id} call={call} />}
        </div>
      </div>
      {hasPanel ? <TransferPanel call={call} /> : <CallData call={call} />}
    </div>
  );
});
