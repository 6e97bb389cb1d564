import { Autocomplete, Button, Group } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data } from '../../api/client';
import type { Rollout } from './rollout';

const route = getRouteApi('/rollouts/$name');

/** Asks for any asset why it is where it is in a rollout; the answer is the drawer that the address names. */
export function WhyWaiting({ rollout }: { rollout: Rollout }) {
  const { asset } = route.useSearch();
  const navigate = useNavigate({ from: '/rollouts/$name' });
  const [typed, setTyped] = useState(asset ?? '');
  const [searched] = useDebouncedValue(typed.trim(), 250);
  const found = useQuery({
    queryKey: ['assets', 'choices', searched],
    enabled: searched.length > 0,
    queryFn: () => data(api.GET('/api/v1/assets', { params: { query: { q: searched, limit: 12 } } })),
    select: (page): string[] => page.items.map((each) => each.id),
    staleTime: 10_000,
  });
  const show = (id: string) => id !== '' && void navigate({ search: (before) => ({ ...before, tab: 'targets', asset: id }), params: { name: rollout.name } });
  return (
    <form onSubmit={(event) => { event.preventDefault(); show(typed.trim()); }}>
      <Group gap="xs" align="flex-end">
        <Autocomplete size="xs" w={260} label="Why is this asset waiting?" placeholder="id of an asset" data={found.data ?? []} value={typed} onChange={setTyped} onOptionSubmit={show} filter={({ options }) => options} />
        <Button size="xs" variant="default" type="submit" disabled={typed.trim() === ''}>Ask</Button>
      </Group>
    </form>
  );
}
