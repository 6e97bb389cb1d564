import { QueryClient } from '@tanstack/react-query';
import { ProblemError } from './client';

/** What was asked, for all screens: one for the whole window. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A refusal stays a refusal; only a server that does not answer is asked again.
      retry: (failures, error) => failures < 2 && (!(error instanceof ProblemError) || error.status === 0 || error.status >= 500),
      refetchOnWindowFocus: true,
    },
  },
});
