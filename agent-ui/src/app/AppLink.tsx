import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";

export interface AppLinkProps {
  /** An address of `paths`. */
  to: string;
  className?: string | undefined;
  children: ReactNode;
}

/** A link to an address of `paths`; the page it leads to is fetched on hover. */
export function AppLink({ to, className, children }: AppLinkProps) {
  const { pathname, search } = split(to);
  return (
    <Link to={pathname} search={search} activeOptions={{ exact: pathname === "/", includeSearch: false }} className={className ?? ""}>
      {children}
    </Link>
  );
}

/** Goes to an address of `paths`. */
export function useGo(): (path: string) => void {
  const navigate = useNavigate();
  return (path) => {
    const { pathname, search } = split(path);
    void navigate({ to: pathname, search });
  };
}

function split(path: string): { pathname: string; search: Record<string, string> } {
  const [pathname = "/", query = ""] = path.split("?");
  return { pathname, search: Object.fromEntries(new URLSearchParams(query)) };
}
