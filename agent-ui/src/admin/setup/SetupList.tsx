import { AppWindow, CircleCheck, CircleDashed, CircleDot, Plus } from "lucide-react";
import { useLive } from "../../app/hooks";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { GridList, GridRow } from "../../ui/List/List";
import { Pane, SectionHead } from "../../ui/Pane/Pane";
import { LinkLight } from "../../ui/StateMark/StateMark";
import parts from "../parts/parts.module.css";
import type { LinkView, SwitchView } from "../../api/types";
import { LinkAge } from "./LinkAge";
import { kindName, lightOf } from "./links";
import { FIRST_POP_STEPS, type FirstPopStep, type StepState } from "./progress";
import css from "./setup.module.css";

const MARKS = { done: CircleCheck, next: CircleDot, open: CircleDashed } as const;

export interface SetupListProps {
  steps: Record<FirstPopStep, StepState>;
  /** What is known about a step, e.g. the number of my phone. */
  facts: Record<FirstPopStep, string>;
  onStep: (step: FirstPopStep) => void;
  current: FirstPopStep | null;
  /** The way to the frames in other systems, for whom may allow them. */
  frames: { isCurrent: boolean; onPress: () => void } | null;
  switches: readonly SwitchView[];
  chosen: string | null;
  onChoose: (id: string) => void;
  onAdd: () => void;
}

/** The way to the first pop on top, the switches below: the left pane of the set-up. */
export function SetupList({ steps, facts, onStep, current, frames, switches, chosen, onChoose, onAdd }: SetupListProps) {
  const links = useLive((state) => state.parts.links.items);
  return (
    <Pane title={m.admin_setup()} note={m.admin_first_pop()} head="admin" ground="canvas">
      <ol className={css.way} aria-label={m.admin_first_pop()}>
        {FIRST_POP_STEPS.map((step, at) => <WayStep key={step} number={at + 1} step={step} state={steps[step]} fact={facts[step]} isCurrent={step === current} onPress={() => onStep(step)} />)}
      </ol>
      <SectionHead level={2} title={m.admin_switches()} actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={onAdd}>{m.admin_add()}</Button>} />
      {switches.length === 0 && <p className={css.nothing}>{m.admin_switches_none()}</p>}
      <GridList
        label={m.admin_switches()}
        items={switches}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={chosen === null ? [] : [chosen]}
        onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }}
        dependencies={[links]}
      >
        {(one) => <GridRow id={one.id} text={one.name}><SwitchLine view={one} link={links.get(one.id) ?? one.link ?? undefined} /></GridRow>}
      </GridList>
      {frames !== null && <div className={css.framesWay} data-current={frames.isCurrent || undefined}><Button kind="quiet" size="sm" icon={<AppWindow aria-hidden />} aria-current={frames.isCurrent ? "page" : false} onPress={frames.onPress}>{m.admin_embed()}</Button></div>}
    </Pane>
  );
}

function WayStep({ number, step, state, fact, isCurrent, onPress }: { number: number; step: FirstPopStep; state: StepState; fact: string; isCurrent: boolean; onPress: () => void }) {
  const Mark = MARKS[state];
  return (
    <li className={css.wayStep} data-step={state} data-current={isCurrent || undefined} aria-current={isCurrent ? "step" : undefined}>
      <span className={css.wayMark} data-tone={state === "done" ? "good" : "off"}><Mark aria-hidden /></span>
      <span className={css.wayText}>
        <Button kind="quiet" size="sm" onPress={onPress}>{`${number}. ${stepName(step)}`}</Button>
        <span className="visually-hidden">{stateName(state)}</span>
        <span className={css.wayFact}>{fact}</span>
      </span>
    </li>
  );
}

function stepName(step: FirstPopStep): string {
  const names = { link: m.admin_step_link, people: m.admin_step_people, phone: m.admin_step_phone, rule: m.admin_step_rule, call: m.admin_step_call };
  return names[step]();
}

function stateName(state: StepState): string {
  const names = { done: m.admin_step_done, next: m.admin_step_next, open: m.admin_step_open };
  return names[state]();
}

function SwitchLine({ view, link }: { view: SwitchView; link: LinkView | undefined }) {
  const kind = [kindName(view.kind), link?.version].filter(Boolean).join(" · ");
  return (
    <>
      <LinkLight state={lightOf(view, link)} />
      <span className={parts.two}>
        <span className={parts.strong}>{view.name}</span>
        <span>{kind}</span>
      </span>
      <LinkAge view={view} link={link} />
    </>
  );
}
