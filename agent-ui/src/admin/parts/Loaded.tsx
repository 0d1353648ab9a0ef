import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "../../api/client";
import { errorText } from "../../domain/can";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { ErrorPane, Skeleton } from "../../ui/Empty/Empty";

/** Shows what a list became: blocks of the final height, the error in its own pane, or the rows. Once read, rows stay. */
export function Loaded<T>({ query, title, height = "one", children }: {
  query: UseQueryResult<T>;
  /** What could not be read, for the error. */
  title: string;
  height?: "one" | "two";
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return <Skeleton label={m.admin_loading()} height={height} />;
  const { error } = query;
  const server = error instanceof ApiError ? error : null;
  return (
    <ErrorPane title={title} code={server?.code} trace={server?.traceId ?? undefined} actions={<Button kind="primary" onPress={() => void query.refetch()}>{m.admin_try_again()}</Button>}>
      {errorText(error)}
    </ErrorPane>
  );
}
