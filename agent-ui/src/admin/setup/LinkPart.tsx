import { useState } from "react";
import { toast } from "../../app/toast";
import { call, ifMatch } from "../../api/client";
import { useLive } from "../../app/hooks";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Pane } from "../../ui/Pane/Pane";
import { Tag } from "../../ui/Tag/Tag";
import type { SwitchView } from "../../api/types";
import { ConfirmDelete } from "../parts/ConfirmDelete";
import { SaveBar } from "../parts/SaveBar";
import { useSave } from "../parts/useSave";
import { visibleFaults, wordsOf } from "./faultWords";
import { isCsta } from "./cstaForm";
import { Licences } from "./Licences";
import { lightOf } from "./links";
import { SwitchForm } from "./SwitchForm";
import { bodyOf, draftOf, faultsOf, type SwitchDraft } from "./switchForm";
import { type Drafts, NEW } from "./useDrafts";

/** Lists that a change of a switch touches. */
const TOUCHED = ["switches", "setup"];

export interface LinkPartProps {
  view: SwitchView | undefined;
  drafts: Drafts;
  /** Shows the switch with this id, or what is left after a removal. */
  onShow: (id: string | undefined) => void;
}

/** One switch: its form, and what can be done with its link. */
export function LinkPart({ view, drafts, onShow }: LinkPartProps) {
  const key = view?.id ?? NEW;
  const draft = drafts.of(key, view);
  const [isTried, setTried] = useState(false);
  const faults = faultsOf(draft, view !== undefined);
  const save = useSave((body: SwitchDraft) => write(view, body, view ? drafts.versionOf(key, view) : 0), TOUCHED);
  const words = wordsOf(visibleFaults(faults, isTried), save.fields);
  const stored = (saved: SwitchView) => {
    drafts.drop(key);
    toast({ kind: "good", title: m.admin_saved() });
    if (view === undefined) onShow(saved.id);
  };
  const onSave = () => {
    setTried(true);
    if (Object.keys(faults).length === 0) save.run(draft, stored);
  };
  const foot = view?.read_only ? undefined : (
    <SaveBar save={save} faults={isTried ? Object.keys(faults).length : 0} isDirty={drafts.isDirty(key)} onSave={onSave} onDiscard={() => { drafts.drop(key); save.reset(); }} onTheirs={() => { drafts.drop(key); save.reset(); }}>
      {view && <LinkSwitch view={view} />}
      {view && <Remove view={view} onGone={() => { drafts.drop(key); onShow(undefined); }} />}
    </SaveBar>
  );
  return (
    <Pane
      title={view?.name ?? m.admin_switch_new()}
      note={view && <Tag>{view.id}</Tag>}
      head="admin"
      actions={drafts.isDirty(key) && <Tag look="outlined">{m.admin_edited()}</Tag>}
      foot={foot}
    >
      {view && isCsta(view.kind) && <Licences switchId={view.id} />}
      <SwitchForm view={view} draft={draft} onChange={(next) => drafts.set(key, next, view?.version ?? 0)} wrong={words} />
    </Pane>
  );
}

function write(view: SwitchView | undefined, draft: SwitchDraft, version: number): Promise<SwitchView> {
  const body = bodyOf(draft);
  if (view === undefined) return call<SwitchView>("POST", "/v1/switches", { body: { ...body, enabled: true } });
  return put(view.id, { ...body, enabled: view.enabled }, version);
}

function put(id: string, body: object, version: number): Promise<SwitchView> {
  return call<SwitchView>("PUT", `/v1/switches/${encodeURIComponent(id)}`, { body, ifMatch: ifMatch(version) });
}

/** Takes the link down or up; the definition stays. */
function LinkSwitch({ view }: { view: SwitchView }) {
  const link = useLive((state) => state.parts.links.items.get(view.id)) ?? view.link ?? undefined;
  const save = useSave((enabled: boolean) => put(view.id, { ...bodyOf(draftOf(view)), enabled }, view.version), TOUCHED);
  const isOn = lightOf(view, link) !== "off";
  return <Button isPending={save.isPending} onPress={() => save.run(!isOn)}>{isOn ? m.admin_disconnect() : m.admin_connect()}</Button>;
}

function Remove({ view, onGone }: { view: SwitchView; onGone: () => void }) {
  const save = useSave(() => call("DELETE", `/v1/switches/${encodeURIComponent(view.id)}`, { ifMatch: ifMatch(view.version) }), TOUCHED);
  return (
    <ConfirmDelete
      title={m.admin_switch_delete({ name: view.name })}
      text={m.admin_switch_delete_text()}
      isPending={save.isPending}
      problem={save.problem}
      onConfirm={(done) => save.run(undefined, () => { done(); onGone(); })}
    />
  );
}
