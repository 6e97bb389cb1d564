import { queryOptions } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { queries } from '../../api/queries';

const SHOWN = 25;

export const openIncidents = queryOptions({
  queryKey: ['incidents', 'on-call'],
  queryFn: () => data(api.GET('/api/v1/incidents', { params: { query: { state: 'open', limit: SHOWN } } })),
});

export const firingAlerts = queryOptions({
  queryKey: ['alerts', 'on-call'],
  queryFn: () => data(api.GET('/api/v1/alerts', { params: { query: { state: 'firing', limit: SHOWN } } })),
});

export const liveRollouts = queryOptions({
  queryKey: ['rollouts', 'on-call'],
  queryFn: () => data(api.GET('/api/v1/rollouts', { params: { query: { live: true, limit: SHOWN } } })),
});

/** What the screen shows first, before its code has come. */
export function ask(): void {
  void queries.prefetchQuery(openIncidents);
  void queries.prefetchQuery(firingAlerts);
  void queries.prefetchQuery(liveRollouts);
}
