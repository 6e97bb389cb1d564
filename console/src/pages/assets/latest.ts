import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import { specOf, type Metric } from '../types/type';
import { literal } from './cel';

/** What assets measured last, by asset and metric. */
export type Latest = Map<string, Record<string, Schemas['Value']>>;

/** So many assets a request: with the longest ids, its address is still one that servers take. */
export const CHUNK = 50;
const REFRESH_MS = 10_000;

/** The metrics that a type declares; none while no one type is looked at. */
export function useMetricsOf(type: string | undefined): Record<string, Metric> {
  const declared = useQuery({
    queryKey: ['asset-types', type],
    enabled: type !== undefined,
    queryFn: () => data(api.GET('/api/v1/asset-types/{name}', { params: { path: { name: type ?? '' } } })),
    staleTime: 60_000,
  });
  return (declared.data && specOf(declared.data).telemetry?.metrics) ?? {};
}

/** The rows that are asked for to show those from first to last: whole chunks, so that scrolling a little asks for nothing new. */
export function chunksOf(ids: string[], first: number, last: number): string[][] {
  const chunks: string[][] = [];
  for (let from = first - (first % CHUNK); from <= last && from < ids.length; from += CHUNK) chunks.push(ids.slice(from, from + CHUNK));
  return chunks;
}

/** The newest values of the assets in view; asks for nothing while no metric is shown. */
export function useLatest(chunks: string[][], metrics: string[]) {
  const named = metrics.toSorted().join(',');
  return useQueries({
    queries: (named === '' ? [] : chunks).map((ids) => ({
      queryKey: ['latest', 'of', ids.join(' '), named],
      queryFn: () => data(api.GET('/api/v1/telemetry/latest', { params: { query: { selector: `asset.id in [${ids.map(literal).join(', ')}]`, metrics: named, limit: ids.length } } })),
      refetchInterval: REFRESH_MS,
      placeholderData: keepPreviousData,
    })),
    combine: (answers) => ({
      values: new Map(answers.flatMap(({ data: page }) => (page?.items ?? []).map(({ asset, values }) => [asset, values] as const))) as Latest,
      error: answers.find(({ error }) => error !== null)?.error ?? null,
    }),
  });
}
