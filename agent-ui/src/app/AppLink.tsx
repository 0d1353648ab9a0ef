import type { MouseEvent, ReactNode } from "react";
import { preloadPage } from "./pages";
import { go, usePlace } from "./place";

export interface AppLinkProps {
  /** An address of `paths`. */
  to: string;
  className?: string | undefined;
  children: ReactNode;
}

/** A link to an address of `paths`; the page it leads to is fetched on hover. */
export function AppLink({ to, className, children }: AppLinkProps) {
  const { pathname } = usePlace();
  const [path = "/"] = to.split("?");
  const fetch = () => preloadPage(path);
  const press = (event: MouseEvent) => {
    // Another tab or window is the browser's.
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} className={className} aria-current={pathname === path ? "page" : undefined} onClick={press} onPointerEnter={fetch} onFocus={fetch}>
      {children}
    </a>
  );
}
