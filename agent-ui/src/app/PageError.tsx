import { Compass, Lock } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { errorText } from "../domain/can";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty, ErrorPane } from "../ui/Empty/Empty";
import { AppLink } from "./AppLink";
import { useRights } from "./hooks";
import { Page } from "./Page";
import { paths } from "./paths";

/** An error of one page: bar and rail go on working beside it. */
export function PageError({ error, reset }: { error: Error; reset: () => void }) {
  const api = error instanceof ApiError ? error : null;
  return (
    <Page
      title={m.page_error_title()}
      stage={
        <ErrorPane title={m.page_error_title()} code={api?.code} trace={api?.traceId ?? undefined} actions={<Button kind="primary" onPress={reset}>{m.try_again()}</Button>}>
          {errorText(error)} {m.page_error_text()}
        </ErrorPane>
      }
    />
  );
}

export function PageMissing() {
  return (
    <Page
      title={m.page_missing_title()}
      stage={
        <Empty icon={<Compass />} title={m.page_missing_title()} action={<AppLink to={paths.desk()}>{m.rail_desk()}</AppLink>}>
          {m.page_missing_text()}
        </Empty>
      }
    />
  );
}

/** Shows a page only to those who may see it; the server refuses the others anyway. */
export function Guarded({ rights, title, children }: { rights: readonly string[]; title: string; children: ReactNode }) {
  const { has } = useRights();
  if (rights.some(has)) return children;
  return <Page title={title} stage={<Empty icon={<Lock />} title={title}>{m.page_forbidden_text()}</Empty>} />;
}
