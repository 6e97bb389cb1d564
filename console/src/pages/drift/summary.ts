import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';

/** Who is told apart, worst first; unknown and unmanaged are in no rate. */
export const DRIFT_STATES = ['drifted', 'rejected', 'pending', 'in_sync', 'unknown', 'unmanaged'] as const;

/** How the assets stand to what is desired of them (M8). */
export function useDriftSummary(selector?: string) {
  return useQuery({
    queryKey: ['drift', 'summary', selector],
    queryFn: () => data(api.GET('/api/v1/drift/summary', { params: { query: selector ? { selector } : {} } })),
    refetchInterval: 30_000,
  });
}
