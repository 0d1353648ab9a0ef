import { Phone, PhoneOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { AppLink } from "../app/AppLink";
import { useCommand, useMyDevice } from "../app/hooks";
import { Page } from "../app/Page";
import { paths } from "../app/paths";
import { go } from "../app/place";
import { failureWords } from "../domain/can";
import { phone } from "../domain/format";
import { cleanPaste, looksDialable } from "../domain/numbers";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty, Placeholder } from "../ui/Empty/Empty";
import { Message } from "../ui/Message/Message";
import { Pane } from "../ui/Pane/Pane";
import { useLinkNumber } from "./useLinkNumber";
import { type Normalized, useNormalized } from "./bar/useNormalized";
import { useWhyNot } from "./bar/useWhyNot";
import css from "./DialPage.module.css";

/** Where a `tel:` link of another page ends: it shows what would be dialled and waits for a press. */
export function DialPage() {
  const link = useLinkNumber();
  const text = cleanPaste(link);
  return (
    <Page
      title={m.dial_title()}
      stage={
        <Pane title={m.dial_title()} padded>
          {text === "" ? <Empty icon={<PhoneOff />} title={m.dial_nothing()} action={<AppLink to={paths.desk()}>{m.dial_no()}</AppLink>}>{m.dial_nothing_text()}</Empty> : <Ask key={text} text={text} />}
        </Pane>
      }
    />
  );
}

function Ask({ text }: { text: string }) {
  const read = useNormalized(text);
  const why = useWhyNot();
  const device = useMyDevice();
  const { run, isPending } = useCommand("make_call");
  const fault = faultOf(text, read);
  const isMeant = useMeant();
  const call = () => {
    if (!isMeant()) return;
    // The desk shows the steps and, if it comes to that, the refusal.
    void run("make_call", { to: text });
    go(paths.desk());
  };
  return (
    <section className={css.card} aria-label={m.dial_title()}>
      <p className={css.text}>{m.dial_text()}</p>
      <dl className={css.facts}>
        <dt>{m.dial_asked()}</dt>
        <dd>{text}</dd>
        <dt>{m.dial_dialled()}</dt>
        <dd className={css.number}>{fault === null ? <Dialled read={read} /> : "–"}</dd>
        <dt>{m.dial_phone()}</dt>
        <dd>{device === undefined ? m.bar_no_phone() : [device.extension ?? device.pbx_id, device.name].filter(Boolean).join(" · ")}</dd>
      </dl>
      {fault !== null && <Message tone="bad" live="status">{fault}</Message>}
      <div className={css.buttons}>
        <Button kind="primary" size="lg" autoFocus icon={<Phone aria-hidden />} isPending={isPending} reason={fault ?? why ?? (read === undefined ? m.dial_reading() : null)} onPress={call}>
          {m.dial_call({ number: read === undefined ? text : phone(read.number) })}
        </Button>
        <Button size="lg" onPress={() => go(paths.desk())}>{m.dial_no()}</Button>
      </div>
    </section>
  );
}

/** A press that was on its way to another window when this one came in front of it is not meant for it. */
const MEANT_AFTER_MS = 500;

/** Whether a press now can be meant for this page: a page of somebody else may bring it up under the hand. */
function useMeant(): () => boolean {
  const since = useRef(performance.now());
  useEffect(() => {
    const again = () => {
      since.current = performance.now();
    };
    window.addEventListener("focus", again);
    document.addEventListener("visibilitychange", again);
    return () => {
      window.removeEventListener("focus", again);
      document.removeEventListener("visibilitychange", again);
    };
  }, []);
  return () => performance.now() - since.current >= MEANT_AFTER_MS;
}

function Dialled({ read }: { read: Normalized | undefined }) {
  if (read === undefined) return <Placeholder />;
  const number = phone(read.number);
  return read.extension ? m.dial_then({ number, extension: read.extension }) : number;
}

/** Why this text is never dialled, whatever the phone does. */
function faultOf(text: string, read: Normalized | undefined): string | null {
  if (!looksDialable(text)) return m.fail_number_invalid();
  if (read === undefined || read.dial.allowed) return null;
  return failureWords(read.dial.code ?? "number_invalid", read.dial.detail ?? "");
}
