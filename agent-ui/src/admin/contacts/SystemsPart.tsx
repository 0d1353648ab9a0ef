import { m } from "../../i18n/generated/messages.js";
import type { ExternalSystem } from "../../app/ownFields";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Rows } from "../acd/fields";
import { useWhole } from "../acd/useWhole";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import parts from "../parts/parts.module.css";

const FRESH: ExternalSystem = { key: "", name: "", url_template: null };

/** Other systems that contacts have keys in, and the page of a person there. */
export function SystemsPart() {
  const systems = useWhole<ExternalSystem>("/v1/external_systems", "external_systems_whole", { tries: false, touches: ["external_systems", "contacts"] });
  return (
    <Pane
      title={m.admin_systems()}
      head="admin"
      ground="canvas"
      foot={<SaveBar save={systems.save} faults={systems.faults} isDirty={systems.isDirty} onSave={() => systems.store()} onDiscard={systems.drop} onTheirs={systems.drop} />}
    >
      <Loaded query={systems.query} title={m.admin_systems_unread()}>
        {() => (
          <div className={parts.stack}>
            <p className={parts.hint}>{m.admin_systems_text()}</p>
            <Rows
              label={m.admin_systems()}
              items={systems.items}
              fresh={FRESH}
              add={m.admin_system_add()}
              onChange={systems.set}
              row={(one, set, at) => (
                <>
                  <TextField label={m.admin_name()} value={one.name} onChange={(name) => set({ name })} error={systems.error(`${at}.name`)} />
                  <TextField label={m.acd_code()} mono value={one.key} onChange={(key) => set({ key })} error={systems.error(`${at}.key`)} />
                  <TextField label={m.admin_system_page()} labelNote={m.admin_optional()} placeholder="https://icis.example/person/{external_id}" value={one.url_template ?? ""} onChange={(text) => set({ url_template: text || null })} error={systems.error(`${at}.url_template`)} />
                </>
              )}
            />
          </div>
        )}
      </Loaded>
    </Pane>
  );
}
