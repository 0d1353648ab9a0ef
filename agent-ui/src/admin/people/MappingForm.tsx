import { ArrowRightLeft, Check, Phone, UserRound, UserRoundX } from "lucide-react";
import { useState, type ReactNode } from "react";
import { toast } from "../../app/toast";
import { errorText, fieldErrors } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Switch } from "../../ui/Choice/Choice";
import { ComboBox } from "../../ui/ComboBox/ComboBox";
import { TextField } from "../../ui/Field/Field";
import { InlineError, Message } from "../../ui/Message/Message";
import { Pane, SectionHead } from "../../ui/Pane/Pane";
import type { UserView } from "../../api/types";
import { FormGrid, Span } from "../parts/Span";
import { SaveBar } from "../parts/SaveBar";
import parts from "../parts/parts.module.css";
import { NewPerson } from "../users/NewPerson";
import { type Effect, effectsOf } from "./mapping";
import { PhoneState } from "./PhoneState";
import type { PhoneRow } from "./rows";
import { useMapping } from "./useMapping";
import css from "./people.module.css";

/** Whose line it is, its full number, and what saving would change. */
export function MappingForm({ row, users, close }: { row: PhoneRow; users: readonly UserView[]; close: ReactNode }) {
  const mapping = useMapping(row);
  const { draft, set, save, dry, isDirty } = mapping;
  const [adding, setAdding] = useState(false);
  const wrong = { ...fieldErrors(dry.error), ...save.fields };
  const choices = users.filter((user) => !user.removed_at).map((user) => ({ id: user.id, label: user.name, note: user.login }));
  const saved = () => {
    mapping.drop();
    toast({ kind: "good", title: m.admin_saved() });
  };
  const foot = (
    <SaveBar
      save={save}
      faults={isDirty ? Object.keys(wrong).length : 0}
      isDirty={isDirty}
      reason={row.extension === "" ? m.admin_no_extension() : dry.isFetching ? m.admin_trying() : null}
      onSave={() => save.run(draft, saved)}
      onDiscard={mapping.drop}
      onTheirs={mapping.drop}
    />
  );
  return (
    <Pane title={row.extension || m.admin_phone()} note={row.user?.name ?? row.device?.pbx_id} head="admin" ground="canvas" actions={close} foot={foot}>
      <FormGrid>
        <Span of={6}><PhoneState row={row} /></Span>
        <Span of={6}>
          <ComboBox label={m.admin_column_person()} choices={choices} value={draft.user} onPick={(user) => set({ user })} placeholder={m.admin_nobody()} error={wrong.user} menuTrigger="focus" empty={m.admin_nothing_found()} />
        </Span>
        <Span of={6}>
          <div className={parts.buttons}>
            <Button size="sm" icon={<UserRound aria-hidden />} onPress={() => setAdding(true)}>{m.admin_person_new()}</Button>
            {draft.user !== null && <Button size="sm" kind="quiet" icon={<UserRoundX aria-hidden />} onPress={() => set({ user: null })}>{m.admin_person_take_away()}</Button>}
          </div>
        </Span>
        <Span of={6}><TextField label={m.admin_column_number()} labelNote={m.admin_optional()} type="tel" placeholder="+420 555 100 142" value={draft.number} onChange={(number) => set({ number })} error={wrong.number} /></Span>
        <Span of={6}><TextField label={m.admin_contact_person()} labelNote={m.admin_optional()} hint={m.admin_contact_person_hint()} value={draft.contact} onChange={(contact) => set({ contact })} error={wrong.contact} /></Span>
        <Span of={6}><Switch isSelected={draft.active} onChange={(active) => set({ active })}>{m.admin_active()}</Switch></Span>
      </FormGrid>
      {adding && <NewPerson suggested={row.agent?.name ?? row.device?.name ?? ""} taken={users} onClose={() => setAdding(false)} onMade={(user) => set({ user: user.id })} />}
      <SectionHead title={m.admin_effects()} />
      <Effects effects={isDirty ? effectsOf(dry.data, row, draft) : null} isFailed={dry.isError} problem={dry.error ? errorText(dry.error) : null} />
    </Pane>
  );
}

const EFFECTS: Record<Effect, { Icon: typeof Phone; words: () => string }> = {
  line_set: { Icon: Phone, words: m.admin_effect_line_set },
  line_given: { Icon: UserRound, words: m.admin_effect_line_given },
  line_taken: { Icon: UserRoundX, words: m.admin_effect_line_taken },
  member_given: { Icon: ArrowRightLeft, words: m.admin_effect_member_given },
  member_taken: { Icon: ArrowRightLeft, words: m.admin_effect_member_taken },
  other: { Icon: Check, words: m.admin_effect_other },
};

/** What saving would do, tried by the server on a copy. */
function Effects({ effects, isFailed, problem }: { effects: readonly Effect[] | null; isFailed: boolean; problem: string | null }) {
  if (isFailed && problem !== null) return <div className={parts.stack}><InlineError>{problem}</InlineError></div>;
  if (effects === null) return <p className={css.noEffect}>{m.admin_effects_none()}</p>;
  if (effects.length === 0) return <div className={parts.stack}><Message tone="info" look="plain">{m.admin_effects_nothing()}</Message></div>;
  return (
    <ul className={css.effects} aria-live="polite">
      {[...new Set(effects)].map((effect) => {
        const { Icon, words } = EFFECTS[effect];
        return <li key={effect}><Icon aria-hidden />{words()}</li>;
      })}
    </ul>
  );
}
