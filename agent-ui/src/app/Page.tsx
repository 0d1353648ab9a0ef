import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { m } from "../i18n/generated/messages.js";
import { announce } from "./announce";
import { drawers, useDrawer } from "./drawers";
import { OfflineBanner } from "./OfflineBanner";
import { pageTitle } from "./title";
import css from "./Page.module.css";

export { usePageDrawers } from "./drawers";

export interface PageProps {
  /** Announced on arrival, and the title of the window. */
  title: string;
  stage: ReactNode;
  list?: ReactNode;
  tools?: ReactNode;
  listLabel?: string;
  toolsLabel?: string;
  /** Widths of the side panes in px at full width. */
  widths?: { list?: number; tools?: number };
}

/** Two or three panes beside each other; on narrow screens the side panes become drawers, never other elements. */
export function Page({ title, stage, list, tools, listLabel, toolsLabel, widths }: PageProps) {
  const open = useDrawer();
  useEffect(() => {
    pageTitle.set(title);
    announce(title);
  }, [title]);
  useEffect(() => () => drawers.close(), []);
  const size: CSSProperties & Record<string, string> = {
    "--list-width": `${(widths?.list ?? 336) / 16}rem`,
    "--tools-width": `${(widths?.tools ?? 380) / 16}rem`,
  };
  const leave = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented) drawers.close();
  };
  return (
    <main id="content" tabIndex={-1} className={css.page} style={size} data-open={open ?? undefined} data-list={list !== undefined || undefined} data-tools={tools !== undefined || undefined} onKeyDown={leave}>
      <h1 className="visually-hidden">{title}</h1>
      {list !== undefined && (
        <Side which="list" label={listLabel ?? m.pane_list()} isOpen={open === "list"}>
          {list}
        </Side>
      )}
      <div className={css.stage}>
        <OfflineBanner />
        <div className={css.stageBody}>{stage}</div>
      </div>
      {tools !== undefined && (
        <Side which="tools" label={toolsLabel ?? m.pane_tools()} isOpen={open === "tools"}>
          {tools}
        </Side>
      )}
      {open !== null && <button type="button" className={css.scrim} aria-label={m.close()} onClick={drawers.close} />}
    </main>
  );
}

interface SideProps {
  which: "list" | "tools";
  label: string;
  isOpen: boolean;
  children: ReactNode;
}

function Side({ which, label, isOpen, children }: SideProps) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isOpen) box.current?.focus({ preventScroll: true });
  }, [isOpen]);
  return (
    <section ref={box} id={`pane-${which}`} className={css[which]} aria-label={label} tabIndex={-1}>
      {children}
    </section>
  );
}
