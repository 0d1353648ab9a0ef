import { KeyRound, Power, Send } from "lucide-react";
import { useState } from "react";
import { call, ifMatch } from "../../api/client";
import { toast } from "../../app/toast";
import { count, dayAndTime } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Dialog } from "../../ui/Dialog/Dialog";
import { InlineError, Message } from "../../ui/Message/Message";
import { Pane, SectionHead } from "../../ui/Pane/Pane";
import { CopyBlock } from "../parts/CopyBlock";
import parts from "../parts/parts.module.css";
import { useSave } from "../parts/useSave";
import { KEYS, pathOf } from "./queries";
import { type MadeSecret, STATE_TONES, stateOf, stateWord, type Webhook, type WebhookTrial } from "./webhook";
import css from "./hooks.module.css";

/** How an endpoint does, trying it, its secrets. */
export function HookTools({ view, onSecret }: { view: Webhook; onSecret: (made: MadeSecret) => void }) {
  return (
    <Pane title={m.admin_column_state()} head="admin" ground="canvas">
      <State view={view} />
      <Trial key={view.id} view={view} />
      <Secrets view={view} onSecret={onSecret} />
    </Pane>
  );
}

function State({ view }: { view: Webhook }) {
  const state = stateOf(view);
  const tone = STATE_TONES[state];
  const facts: [string, string | null][] = [
    [m.hook_since(), dayAndTime(view.since)],
    [m.hook_behind(), count(view.behind)],
    [m.hook_pending(), count(view.pending)],
    [m.hook_dead(), count(view.dead)],
    [m.hook_lost(), view.lost > 0 ? count(view.lost) : null],
    [m.hook_replay(), view.replay ? m.hook_replay_left({ count: view.replay.last - view.replay.next + 1 }) : null],
  ];
  return (
    <>
      <div className={parts.stack}>
        {tone === "off"
          ? <p className={css.state}><span className={css.dot} data-tone="off" aria-hidden />{stateWord(state)}</p>
          : <Message tone={tone} title={stateWord(state)} live="status">{view.reason}</Message>}
        {state !== "working" && <Enable view={view} />}
      </div>
      <dl className={css.facts}>
        {facts.map(([name, value]) => value !== null && <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
    </>
  );
}

/** Goes on where it stopped, or with what happens from now on. */
function Enable({ view }: { view: Webhook }) {
  const save = useSave((from: "where_it_stopped" | "now") => call("POST", pathOf(view.id, "/enable"), { body: { from } }), KEYS);
  const run = (from: "where_it_stopped" | "now") => save.run(from, () => toast({ kind: "good", title: m.admin_saved() }));
  return (
    <>
      <p className={parts.hint}>{m.hook_enable_text()}</p>
      <div className={parts.buttons}>
        <Button icon={<Power aria-hidden />} isPending={save.isPending} onPress={() => run("where_it_stopped")}>{m.hook_enable()}</Button>
        <Button kind="quiet" isPending={save.isPending} onPress={() => run("now")}>{m.hook_enable_now()}</Button>
      </div>
      {save.problem !== null && <InlineError>{save.problem}</InlineError>}
    </>
  );
}

function Trial({ view }: { view: Webhook }) {
  const [trial, setTrial] = useState<WebhookTrial | null>(null);
  const save = useSave(() => call<WebhookTrial>("POST", pathOf(view.id, "/test")), KEYS);
  return (
    <>
      <SectionHead title={m.hook_test()} />
      <div className={parts.stack}>
        <p className={parts.hint}>{m.hook_test_text()}</p>
        <div><Button icon={<Send aria-hidden />} isPending={save.isPending} onPress={() => save.run(undefined, setTrial)}>{m.hook_test_run()}</Button></div>
        {save.problem !== null && <InlineError>{save.problem}</InlineError>}
        {trial !== null && save.problem === null && (
          <Message tone={trial.delivered ? "good" : "bad"} title={trial.delivered ? m.hook_test_taken({ ms: trial.took_ms }) : m.hook_test_failed()} live="status">{[trial.status, trial.detail].filter(Boolean).join(" · ")}</Message>
        )}
      </div>
    </>
  );
}

function Secrets({ view, onSecret }: { view: Webhook; onSecret: (made: MadeSecret) => void }) {
  const save = useSave(() => call<MadeSecret>("POST", pathOf(view.id, "/secret/rotate"), { body: {}, ifMatch: ifMatch(view.version) }), KEYS);
  const [isOpen, setOpen] = useState(false);
  const rotate = () => save.run(undefined, (made) => {
    setOpen(false);
    onSecret(made);
  });
  return (
    <>
      <SectionHead title={m.hook_secrets()} actions={<Button size="sm" icon={<KeyRound aria-hidden />} onPress={() => setOpen(true)}>{m.hook_rotate()}</Button>} />
      <dl className={css.facts}>
        {view.secrets.map((one) => (
          <div key={one.number}>
            <dt>{m.hook_secret_number({ number: one.number })}</dt>
            <dd>{[one.signature, one.expires_at ? m.hook_secret_until({ time: dayAndTime(one.expires_at) }) : dayAndTime(one.created_at)].join(" · ")}</dd>
          </div>
        ))}
      </dl>
      <Dialog
        title={m.hook_rotate_title()}
        role="alertdialog"
        isOpen={isOpen}
        onOpenChange={setOpen}
        actions={<><Button onPress={() => setOpen(false)}>{m.admin_cancel()}</Button><Button kind="primary" isPending={save.isPending} onPress={rotate}>{m.hook_rotate()}</Button></>}
      >
        <p>{m.hook_rotate_text()}</p>
        {save.problem !== null && <InlineError>{save.problem}</InlineError>}
      </Dialog>
    </>
  );
}

/** A new secret, which nobody can read again; with a key pair, the public half. */
export function SecretOnce({ made, onClose }: { made: MadeSecret; onClose: () => void }) {
  const [newest] = made.endpoint.secrets;
  const text = made.secret ?? newest?.public_key ?? "";
  return (
    <Dialog title={m.hook_secret_of({ name: made.endpoint.name })} width="md" isOpen onOpenChange={(isOpen) => { if (!isOpen) onClose(); }} actions={<Button kind="primary" onPress={onClose}>{m.admin_close()}</Button>}>
      <div className={parts.stack} data-flush>
        {made.secret ? <Message tone="warn" title={m.hook_secret_once()}>{m.hook_secret_once_text()}</Message> : <p className={parts.hint}>{m.hook_public_key_text()}</p>}
        <CopyBlock label={made.secret ? m.hook_secret() : m.hook_public_key()} text={text} />
      </div>
    </Dialog>
  );
}
