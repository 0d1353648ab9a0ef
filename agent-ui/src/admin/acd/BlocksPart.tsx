import type { Block } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { MomentField } from "../../callbacks/MomentField";
import { localTime, momentOf } from "../../callbacks/work";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { UnreadFields } from "../parts/unread";
import { Rows } from "./fields";
import { freshBlock } from "./forms";
import { useTyped } from "./useTyped";
import type { Whole } from "./useWhole";
import css from "./acd.module.css";

/** Numbers that are refused: everywhere, or on paid lines only, for ever or until a moment. */
export function BlocksPart({ blocks }: { blocks: Whole<Block> }) {
  const { items } = blocks;
  const kinds = [{ id: "full", label: m.acd_block_full() }, { id: "paid", label: m.acd_block_paid() }];
  return (
    <Pane
      title={m.acd_blocks()}
      note={m.acd_blocks_note()}
      head="admin"
      foot={<SaveBar save={blocks.save} faults={blocks.faults} isDirty={blocks.isDirty} onSave={() => blocks.store()} onDiscard={blocks.drop} onTheirs={blocks.drop} />}
    >
      <Loaded query={blocks.query} title={m.acd_blocks_unread()}>
        {() => (
          <div className={css.stack}>
            <UnreadFields of={blocks.unread}><Rows
              label={m.acd_blocks()}
              items={items}
              fresh={freshBlock()}
              add={m.acd_block_add()}
              empty={m.acd_blocks_none()}
              onChange={blocks.set}
              error={blocks.error("")}
              row={(one, put, at) => (
                <>
                  <TextField label={m.work_number()} type="tel" value={one.number} onChange={(number) => put({ number })} hint={m.acd_block_number_hint()} error={blocks.error(`${at}.number`)} />
                  <Select label={m.acd_block_kind()} choices={kinds} value={one.kind} onChange={(kind) => put({ kind })} error={blocks.error(`${at}.kind`)} />
                  <UntilField value={one.until ?? null} onChange={(until) => put({ until })} error={blocks.error(`${at}.until`)} />
                  <TextField label={m.acd_block_reason()} value={one.reason ?? ""} onChange={(reason) => put({ reason })} error={blocks.error(`${at}.reason`)} />
                </>
              )}
            /></UnreadFields>
          </div>
        )}
      </Loaded>
    </Pane>
  );
}

/** What a browser reads while a year is typed is a year, too: the text stays as it is typed. */
function UntilField({ value, onChange, error }: { value: string | null; onChange: (until: string | null) => void; error: string | undefined }) {
  const field = useTyped<string | null, string>(value, onChange, { show: (until) => (until === null ? "" : localTime(Date.parse(until))), read: momentOf });
  return <MomentField label={m.acd_block_until()} hint={m.acd_block_for_ever()} value={field.draft} onChange={field.type} error={error} />;
}
