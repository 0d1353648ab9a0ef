import { useEffect, useRef, useSyncExternalStore } from "react";
import { m } from "../i18n/generated/messages.js";
import { Toast } from "../ui/Toast/Toast";
import { announce } from "./announce";
import { type ToastShown, toasts } from "./toast";
import css from "./Toasts.module.css";

/** Passing messages in a corner that nothing else uses; they are also said. */
export function Toasts() {
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get);
  const told = useRef(0);
  useEffect(() => {
    for (const one of shown) {
      if (one.id > told.current) announce(one.text === undefined ? one.title : `${one.title} ${one.text}`);
    }
    told.current = Math.max(told.current, ...shown.map((one) => one.id));
  }, [shown]);
  return (
    <section className={css.toasts} aria-label={m.toasts_label()}>
      {shown.map((one) => (
        <OneToast key={one.id} one={one} />
      ))}
    </section>
  );
}

function OneToast({ one }: { one: ToastShown }) {
  const hold = () => toasts.hold(one.id);
  const release = () => toasts.release(one.id);
  const action = one.action;
  const run = action === undefined ? undefined : "run" in action ? action.run : () => window.open(action.href, "_blank", "noopener");
  return (
    <div onPointerEnter={hold} onPointerLeave={release} onFocus={hold} onBlur={release}>
      <Toast kind={one.kind} title={one.title} text={one.text} closeLabel={m.close()} onClose={() => toasts.close(one.id)} action={action === undefined || run === undefined ? undefined : { label: action.label, run }} />
    </div>
  );
}
