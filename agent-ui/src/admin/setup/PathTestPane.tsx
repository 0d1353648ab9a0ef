import { CircleCheck, CircleDashed, CircleX, RotateCw, TriangleAlert } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { clockWithSeconds } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Message } from "../../ui/Message/Message";
import { Pane } from "../../ui/Pane/Pane";
import { type Step, Steps } from "../../ui/Steps/Steps";
import { Ticked } from "../parts/Ticked";
import { type PathStep, type PathTest, tally } from "./pathTest";
import { outcomeWord, pathTexts, placeName } from "./pathWords";
import css from "./setup.module.css";

export interface PathTestPaneProps {
  test: PathTest;
  onRun: () => void;
  /** Why it cannot be run now. */
  reason: string | null;
  /** Under the steps: the phone that rings. */
  children: ReactNode;
}

/** Walks the whole way to the switch while one looks: each step fills its place as it ends. */
export function PathTestPane({ test, onRun, reason, children }: PathTestPaneProps) {
  const note = test.started_at === null ? undefined : [clockWithSeconds(test.started_at), test.took_ms !== null && m.admin_test_took({ seconds: (test.took_ms / 1_000).toFixed(1) })].filter(Boolean).join(", ");
  const run = <Button icon={<RotateCw aria-hidden />} isPending={test.state === "running"} reason={reason} onPress={onRun}>{m.admin_test_run()}</Button>;
  const steps = test.steps.map((step) => shown(step, test.state, run !== null && reason === null ? onRun : null));
  return (
    <Pane title={m.admin_path_test()} note={note} head="admin" actions={run}>
      <Tally test={test} />
      {test.problem !== null && <Message tone="bad" look="banner" live="alert" title={m.admin_test_broken()}>{test.problem}</Message>}
      <div className={css.test}><Steps label={m.admin_path_test()} steps={steps} /></div>
      {children}
    </Pane>
  );
}

function Tally({ test }: { test: PathTest }) {
  const count = tally(test);
  const rows = [
    { id: "passed", Icon: CircleCheck, tone: "good", word: m.admin_outcome_passed() },
    { id: "failed", Icon: CircleX, tone: "bad", word: m.admin_outcome_failed() },
    { id: "warning", Icon: TriangleAlert, tone: "warn", word: m.admin_outcome_warning() },
    { id: "not_run", Icon: CircleDashed, tone: "off", word: m.admin_outcome_not_run() },
  ] as const;
  return (
    <div className={css.tally} role="status">
      {rows.filter(({ id }) => id !== "warning" || count.warning > 0).map(({ id, Icon, tone, word }) => (
        <span key={id} className={css.tallyPart}><span className={css.tallyMark} data-tone={count[id] > 0 ? tone : "off"}><Icon aria-hidden /></span><b>{count[id]}</b> {word}</span>
      ))}
    </div>
  );
}

function shown(step: PathStep, state: PathTest["state"], onAgain: (() => void) | null): Step {
  const wants = step.outcome === "failed" || step.outcome === "warning";
  const found = step.findings.map((finding) => pathTexts(finding).detail).join("; ");
  const text = step.outcome === "not_run" && state === "done" ? m.admin_not_run_because() : found;
  return {
    id: step.place,
    state: step.outcome === "not_run" ? "waiting" : step.outcome,
    stateWord: outcomeWord(step.outcome),
    title: placeName(step.place),
    ...(!wants && text !== "" && { detail: text }),
    ...(step.took_ms !== null && step.outcome !== "not_run" && { aside: took(step.took_ms) }),
    ...(wants && { body: <Fix step={step} onAgain={onAgain} /> }),
  };
}

function took(ms: number): string {
  return ms < 1_000 ? `${ms}\u00a0ms` : `${(ms / 1_000).toFixed(1)}\u00a0s`;
}

/** What went wrong and how to mend it, where it went wrong; each finding with its own way. */
function Fix({ step, onAgain }: { step: PathStep; onAgain: (() => void) | null }) {
  const texts = step.findings.filter((one) => one.outcome !== "passed").map(pathTexts);
  return (
    <div className={css.fix} data-tone={step.outcome === "failed" ? "bad" : "warn"}>
      {texts.map(({ detail, fix }) => (
        <Fragment key={detail}>
          <p className={css.cause}><b><Ticked text={detail} /></b></p>
          {fix !== "" && <p>{m.admin_fix()} <Ticked text={fix} /></p>}
        </Fragment>
      ))}
      {onAgain && <div className={css.fixFoot}><Button size="sm" onPress={onAgain}>{m.admin_test_again()}</Button></div>}
    </div>
  );
}
