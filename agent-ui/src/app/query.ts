// REST lists only; what is live comes over the stream.
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";

const FRESH_MS = 30_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      refetchOnWindowFocus: false,
      // Refusals stay refusals; only an unreachable or busy server is asked again.
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
  },
});
