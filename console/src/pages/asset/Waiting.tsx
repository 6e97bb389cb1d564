import { Card, SimpleGrid, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, data } from '../../api/client';
import type { Asset } from '../../api/hooks';
import { Ago } from '../../ui/time';
import { backlog } from './backlog';

/** What waits for the asset, and on which way it is: as far as the server knows. */
export function Waiting({ asset }: { asset: Asset }) {
  const open = useQuery({
    queryKey: ['commands', 'open', asset.id],
    queryFn: () => data(api.GET('/api/v1/commands', { params: { query: { asset: asset.id, status: 'queued,pending,accepted,running', limit: 1_000 } } })),
    refetchInterval: 5_000,
  });
  if (open.data === undefined) return null;
  const waiting = backlog(open.data.items);
  const more = open.data.continue === undefined ? '' : '+';
  return (
    <Card padding="sm">
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <Figure name="Wait for their run" count={`${waiting.queued}${more}`} note="given by runs, a few at a time" />
        <Figure name="Wait for the asset" count={`${waiting.pending}${more}`} note={waiting.pending === 0 ? 'nothing to hand over' : <>the oldest since <Ago at={waiting.oldest} />{asset.presence === 'online' ? '' : `; the asset is ${asset.presence.replace('_', ' ')}`}</>} />
        <Figure name="Handed over, not answered" count={`${waiting.sent}${more}`} note="it may not have read them" />
        <Figure name="Being carried out" count={`${waiting.running}${more}`} note="accepted or running" />
      </SimpleGrid>
    </Card>
  );
}

function Figure({ name, count, note }: { name: string; count: string; note: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text fw={650} size="lg" className="num">{count}</Text>
      <Text size="xs" c="dimmed">{note}</Text>
    </div>
  );
}
