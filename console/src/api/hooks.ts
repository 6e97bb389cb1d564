import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, data, raw, type Schemas } from './client';

/** Pages of a list, asked for one after the other. */
export function usePages<T>(key: unknown[], path: string, query: Record<string, string | number | undefined>, refetchInterval: number | false = false) {
  const answer = useInfiniteQuery({
    queryKey: [...key, query],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') parameters.set(name, String(value));
      if (pageParam !== '') parameters.set('continue', pageParam);
      signal.throwIfAborted();
      const response = await raw('GET', `${path}?${parameters}`);
      return (await response.json()) as { items: T[]; continue?: string };
    },
    getNextPageParam: (last) => last.continue,
    placeholderData: keepPreviousData,
    refetchInterval,
    maxPages: 200,
  });
  return { ...answer, rows: answer.data?.pages.flatMap((page) => page.items) ?? [] };
}

export function useOverview() {
  return useQuery({ queryKey: ['overview'], queryFn: () => data(api.GET('/api/v1/overview')), refetchInterval: (query) => (query.state.data?.assets === 0 ? 2_000 : 15_000) });
}

export function useAssetTypes() {
  return useQuery({
    queryKey: ['asset-types'],
    queryFn: () => data(api.GET('/api/v1/asset-types', { params: { query: { limit: 1000 } } })),
    staleTime: 60_000,
    select: (page): string[] => page.items.map((type) => type.metadata.name),
  });
}

/** A type's declaration; what commands it knows does not change under one's hands. */
export function useAssetType(name: string) {
  return useQuery({
    queryKey: ['asset-types', name],
    queryFn: () => data(api.GET('/api/v1/asset-types/{name}', { params: { path: { name } } })),
    staleTime: 60_000,
  });
}

/** Whether nothing more will happen to a command, apart from a late word of the asset. */
export const SETTLED = new Set(['succeeded', 'failed', 'rejected', 'expired', 'indeterminate', 'cancelled']);

/** One command with its history; asked for every second until it has ended. */
export function useCommand(id: string | undefined) {
  return useQuery({
    queryKey: ['commands', 'one', id],
    enabled: id !== undefined,
    queryFn: () => data(api.GET('/api/v1/commands/{id}', { params: { path: { id: id ?? '' } } })),
    refetchInterval: (query) => (query.state.data !== undefined && SETTLED.has(query.state.data.status) ? false : 1_000),
  });
}

export type Asset = Schemas['AssetView'];
export type Command = Schemas['Command'];
export type CommandRun = Schemas['CommandRun'];
