import { m } from "../../i18n/generated/messages.js";
import { Pane } from "../../ui/Pane/Pane";
import { Tag } from "../../ui/Tag/Tag";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { UnreadFields } from "../parts/unread";
import { LimitFields } from "./LimitFields";
import { type QueueLook, ViewSwitch } from "./QueuePart";
import { useLimits } from "./useLimits";
import css from "./acd.module.css";

interface LimitsPartProps {
  id: string;
  name: string;
  /** A queue of the switch has no other view here. */
  onView: ((view: QueueLook) => void) | null;
}

/** From when on supervisors are told of a queue. */
export function LimitsPart({ id, name, onView }: LimitsPartProps) {
  const work = useLimits(id);
  return (
    <Pane
      title={name}
      note={m.acd_limits()}
      head="admin"
      actions={work.isDirty && <Tag look="outlined">{m.admin_edited()}</Tag>}
      toolbar={onView === null ? undefined : <ViewSwitch value="limits" onChange={onView} />}
      foot={<SaveBar save={work.save} faults={work.faults} isDirty={work.isDirty} onSave={() => work.store()} onDiscard={work.drop} onTheirs={work.drop} />}
    >
      <Loaded query={work.query} title={m.acd_limits_unread()}>
        {() => (
          <>
            <UnreadFields of={work.unread}><LimitFields {...work} /></UnreadFields>
            <p className={css.about}>{m.acd_limits_text()}</p>
          </>
        )}
      </Loaded>
    </Pane>
  );
}
