import { queryOptions } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { queries } from '../../api/queries';
import { minutesAgo } from '../../ui/time';

/** What is shown at once, and the width of a bucket that gives some hundred points. */
export const RANGES: Record<string, { minutes: number; step?: string; refresh: number }> = {
  '15m': { minutes: 15, refresh: 5_000 },
  '1h': { minutes: 60, step: '15s', refresh: 10_000 },
  '6h': { minutes: 360, step: '1m', refresh: 30_000 },
  '24h': { minutes: 1_440, step: '5m', refresh: 60_000 },
  '7d': { minutes: 10_080, step: '30m', refresh: 120_000 },
};
export const FIRST_RANGE = '15m';

export const rangeOf = (range: string) => RANGES[range] ?? { minutes: 15, refresh: 5_000 };

/** One asset. */
export function assetOf(id: string) {
  return queryOptions({
    queryKey: ['assets', id],
    queryFn: () => data(api.GET('/api/v1/assets/{id}', { params: { path: { id } } })),
  });
}

/** The newest value of each metric of one asset. */
export function latestOf(id: string) {
  return queryOptions({
    queryKey: ['latest', id],
    queryFn: () => data(api.GET('/api/v1/telemetry/latest', { params: { query: { selector: `asset.id == '${id}'` } } })),
  });
}

type Latest = Awaited<ReturnType<NonNullable<ReturnType<typeof latestOf>['queryFn']>>>;

/** What an asset measures, in the order of the names: what can be drawn, and what cannot. */
export function metricsOf(latest: Latest | undefined) {
  const values = latest?.items[0]?.values ?? {};
  const isNumber = (name: string) => typeof values[name]?.value === 'number';
  const names = Object.keys(values).sort();
  return { values, numeric: names.filter(isNumber), others: names.filter((name) => !isNumber(name)) };
}

const SHOWN_AT_FIRST = 6;

/** Names of metrics that are drawn. @param chosen with commas; without them the first of those that the asset measures */
export const drawn = (chosen: string | undefined, numeric: string[]) => chosen?.split(',') ?? numeric.slice(0, SHOWN_AT_FIRST);

/** Metrics over time, none when there is none; see {@link drawn}. */
export function seriesOf(id: string, chosen: string | undefined, range: string) {
  const { minutes, step } = rangeOf(range);
  return queryOptions({
    queryKey: ['telemetry', id, chosen ?? '', range],
    queryFn: async ({ client }) => {
      const metrics = chosen ?? drawn(chosen, metricsOf(await client.ensureQueryData(latestOf(id))).numeric).join(',');
      if (metrics === '') return null;
      return data(api.GET('/api/v1/assets/{id}/telemetry', { params: { path: { id }, query: { metrics, from: minutesAgo(minutes), ...(step && { step }) } } }));
    },
  });
}

/** What a screen of the asset shows first, before its code has come. */
export function ask(id: string, { tab, metrics, range = FIRST_RANGE }: { tab?: string; metrics?: string; range?: string }): void {
  void queries.prefetchQuery(assetOf(id));
  if (tab === 'metrics') void queries.prefetchQuery(seriesOf(id, metrics, range));
}
