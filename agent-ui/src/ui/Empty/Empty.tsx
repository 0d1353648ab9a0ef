import { OctagonAlert } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import css from "./Empty.module.css";

export interface EmptyProps {
  icon: ReactNode;
  /** One fact. */
  title: string;
  /** One sentence: what will appear here. */
  children?: ReactNode;
  /** At most one quiet button. */
  action?: ReactNode;
}

export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className={css.empty}>
      <span className={css.icon} aria-hidden>{icon}</span>
      <p className={css.title}>{title}</p>
      {children !== undefined && <p className={css.text}>{children}</p>}
      {action}
    </div>
  );
}

export interface ErrorPaneProps {
  title: string;
  /** The cause in words. */
  children: ReactNode;
  /** Stable code and trace id of the server, to tell the operator. */
  code?: string | undefined;
  trace?: string | undefined;
  /** Try again, Copy details. */
  actions?: ReactNode;
}

/** An error inside its own pane; everything else goes on working. */
export function ErrorPane({ title, children, code, trace, actions }: ErrorPaneProps) {
  return (
    <div className={css.empty} role="alert" data-tone="bad">
      <OctagonAlert className={css.bad} aria-hidden />
      <p className={css.title}>{title}</p>
      <p className={css.text}>{children}{code !== undefined && <> <code>{code}</code></>}</p>
      {actions !== undefined && <div className={css.actions}>{actions}</div>}
      {trace !== undefined && <p className={css.trace}>trace {trace}</p>}
    </div>
  );
}

/** Blocks of the final row height, only on the first load and only after 200 ms. */
export function Skeleton({ rows = 6, height = "two", label }: { rows?: number; height?: "one" | "two"; label: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={css.bone} data-height={height} aria-hidden>
          <span style={{ width: `${40 + ((index * 17) % 35)}%` }} />
          {height === "two" && <span style={{ width: `${25 + ((index * 11) % 20)}%` }} />}
        </div>
      ))}
    </div>
  );
}

/** One reserved place in a line of text while its value is being looked up. */
export function Placeholder({ width = "8rem" }: { width?: string }) {
  return <span className={css.place} style={{ width }} aria-hidden />;
}
