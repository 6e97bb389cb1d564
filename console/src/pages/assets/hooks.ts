import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { raw, type Schemas } from '../../api/client';
import { FACETS, chosenLines, type Search } from './search';

export type Facets = { at: string; assets: number; facets: { by: string; values: { value: string; assets: number }[]; distinct: number }[] };
export type Keys = { labels: { value: string; assets: number }[]; software: { value: string; assets: number }[] };
export type View = Schemas['SavedAssetView'];

async function json<T>(path: string): Promise<T> {
  return (await (await raw('GET', path)).json()) as T;
}

export function facetsQuery(search: Search, by: string[], more: Record<string, string> = {}): string {
  const query = new URLSearchParams(more);
  if (search.q) query.set('q', search.q);
  if (search.selector) query.set('selector', search.selector);
  for (const each of by) query.append('by', each);
  for (const each of chosenLines(search)) query.append('chosen', each);
  return `/api/v1/asset-facets?${query}`;
}

/** How many match, and by which values they could be narrowed. */
export function useFacets(search: Search) {
  const by = [...new Set([...FACETS, ...(search.by?.split(' ').filter(Boolean) ?? [])])].slice(0, 12);
  const path = facetsQuery(search, by);
  return useQuery({ queryKey: ['asset-facets', path], queryFn: () => json<Facets>(path), placeholderData: keepPreviousData, refetchInterval: 20_000, staleTime: 3_000, retry: false });
}

/** The labels and components that assets have. */
export function useKeys() {
  return useQuery({ queryKey: ['asset-keys'], queryFn: () => json<Keys>('/api/v1/asset-keys'), staleTime: 60_000 });
}

/** Values of one field that hold a text, for completion. */
export function useValues(of: string | undefined, word: string) {
  const path = facetsQuery({}, of === undefined ? [] : [of], { contains: word, limit: '12' });
  return useQuery({
    queryKey: ['asset-facets', 'values', path],
    enabled: of !== undefined && !['id', 'presenceSince', 'lastSeen', 'certificateExpires', 'created', 'updated', 'drift'].includes(of),
    queryFn: async () => (await json<Facets>(path)).facets[0]?.values ?? [],
    staleTime: 20_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function useViews() {
  return useQuery({ queryKey: ['asset-views'], queryFn: async () => (await json<{ items: View[] }>('/api/v1/asset-views')).items, staleTime: 30_000 });
}
