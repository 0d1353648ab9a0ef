import { Phone, Users } from "lucide-react";
import { memo, useDeferredValue, useState } from "react";
import { useCommand } from "../../app/hooks";
import { m } from "../../i18n/generated/messages.js";
import { IconButton } from "../../ui/Button/Button";
import { Empty } from "../../ui/Empty/Empty";
import { SearchField } from "../../ui/Field/Field";
import { GridList, GridRow, GridSection } from "../../ui/List/List";
import { Pane } from "../../ui/Pane/Pane";
import type { Target, Targets } from "../transfer/targets";
import css from "./Colleagues.module.css";
import { Star } from "./Star";
import { TargetMark, TargetState } from "./TargetState";
import { useTargets } from "./useTargets";

/** Colleagues with their busy lamps: favourites first, then the team. */
export const Colleagues = memo(function Colleagues() {
  const [text, setText] = useState("");
  const targets = useDeferredValue(useTargets(text));
  return (
    <Pane title={m.desk_colleagues()} note={m.desk_favourites_first()} ground="canvas" toolbar={<SearchField aria-label={m.desk_find_colleague()} placeholder={m.desk_find_colleague()} value={text} onChange={setText} />}>
      <TargetList targets={targets} />
    </Pane>
  );
});

/** All targets as rows with a call button. */
export const TargetList = memo(function TargetList({ targets }: { targets: Targets }) {
  const parts = sectionsOf(targets);
  if (parts.length === 0) return <Empty icon={<Users />} title={m.desk_nobody_found()}>{m.desk_nobody_found_text()}</Empty>;
  return (
    <GridList label={m.desk_colleagues()}>
      {parts.map(({ id, title, items }) => <GridSection key={id} id={id} title={title}>{items.map((target) => <TargetRow key={target.id} target={target} />)}</GridSection>)}
    </GridList>
  );
});

export function sectionsOf(targets: Targets): { id: string; title: string; items: Target[] }[] {
  return [
    { id: "favourites", title: m.desk_favourites(), items: targets.favourites },
    { id: "team", title: m.desk_team(), items: targets.team },
    { id: "lines", title: m.desk_lines(), items: targets.lines },
    { id: "queues", title: m.desk_queues(), items: targets.queues },
  ].filter(({ items }) => items.length > 0);
}

const TargetRow = memo(function TargetRow({ target }: { target: Target }) {
  const { run, isPending } = useCommand(`make_call:${target.id}`);
  return (
    <GridRow id={target.id} text={target.name}>
      <TargetMark target={target} />
      <span className={css.words}>
        <span className={css.who}><span className="truncate">{target.name}</span>{target.number !== null && target.number !== target.name && <span className={css.number}>{target.number}</span>}</span>
        <TargetState target={target} />
      </span>
      <span className={css.buttons}>
        <IconButton kind="quiet" size="sm" icon={<Phone aria-hidden />} label={m.desk_call_name({ name: target.name })} isPending={isPending} reason={target.number === null ? m.desk_no_number() : null} onPress={() => { if (target.number !== null) void run("make_call", { to: target.number }); }} />
        <Star id={target.id} name={target.name} />
      </span>
    </GridRow>
  );
});

