import { Component, type ReactNode, Suspense, use } from "react";
import { Guarded, PageError, PageMissing } from "./PageError";
import { fetchPage, type Page, pageAt, there } from "./pages";
import { usePlace } from "./place";

/** The page of the address. */
export function CurrentPage() {
  const { pathname } = usePlace();
  const page = pageAt(pathname);
  if (page === undefined) return <PageMissing />;
  const { rights, title } = page;
  const shown = <Suspense><Shown page={page} /></Suspense>;
  return <Held key={page.path}>{rights === undefined ? shown : <Guarded rights={rights} title={title?.() ?? ""}>{shown}</Guarded>}</Held>;
}

function Shown({ page }: { page: Page }) {
  const Shows = there.get(page.path) ?? use(fetchPage(page));
  return <Shows />;
}

/** An error of a page stays in the page. */
class Held extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError = (error: unknown): { error: Error } => ({ error: error instanceof Error ? error : new Error(String(error)) });

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : <PageError error={error} reset={() => this.setState({ error: null })} />;
  }
}
