import type { Block } from "../../api/types";
import { toast } from "../../app/toast";
import { m } from "../../i18n/generated/messages.js";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { MomentField } from "../../work/MomentField";
import { localTime, momentOf } from "../../work/work";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { Rows } from "./fields";
import { freshBlock } from "./forms";
import type { Whole } from "./useWhole";
import css from "./acd.module.css";

/** Numbers that are refused: everywhere, or on paid lines only, for ever or until a moment. */
export function BlocksPart({ blocks }: { blocks: Whole<Block> }) {
  const { items } = blocks;
  const kinds = [{ id: "full", label: m.acd_block_full() }, { id: "paid", label: m.acd_block_paid() }];
  const done = () => { blocks.drop(); toast({ kind: "good", title: m.admin_saved() }); };
  return (
    <Pane
      title={m.acd_blocks()}
      note={m.acd_blocks_note()}
      head="admin"
      foot={<SaveBar save={blocks.save} faults={Object.keys(blocks.trial.fields).length} isDirty={blocks.isDirty} onSave={() => blocks.save.run(items, done)} onDiscard={blocks.drop} onTheirs={blocks.drop} />}
    >
      <Loaded query={blocks.query} title={m.acd_blocks_unread()}>
        {() => (
          <div className={css.stack}>
            <Rows
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
                  <MomentField label={m.acd_block_until()} hint={m.acd_block_for_ever()} value={one.until ? localTime(Date.parse(one.until)) : ""} onChange={(text) => put({ until: momentOf(text) })} error={blocks.error(`${at}.until`)} />
                  <TextField label={m.acd_block_reason()} value={one.reason ?? ""} onChange={(reason) => put({ reason })} error={blocks.error(`${at}.reason`)} />
                </>
              )}
            />
          </div>
        )}
      </Loaded>
    </Pane>
  );
}
