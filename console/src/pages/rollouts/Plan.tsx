import { Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { REASONS } from './rollout';

/** What a draft would do if it started now. */
export function Plan({ name }: { name: string }) {
  const plan = useQuery({
    queryKey: ['rollouts', name, 'plan'],
    queryFn: () => data(api.GET('/api/v1/rollouts/{name}/plan', { params: { path: { name }, query: { examples: 12 } } })),
    refetchInterval: 30_000,
  });
  if (plan.error) return <Problem what="It cannot be planned" error={plan.error} retry={() => void plan.refetch()} />;
  if (!plan.data) return <Loading what="working out who would be in which wave…" />;
  const { selected, targets, waves, leftOut, withoutRollbackTarget, busy } = plan.data;
  return (
    <Stack gap="sm">
      <Text size="sm">
        Started now it would change {targets.toLocaleString()} of {selected.toLocaleString()} selected assets.
        {withoutRollbackTarget > 0 && ` ${withoutRollbackTarget.toLocaleString()} could not go back: they have not said what they run.`}
        {busy > 0 && ` ${busy.toLocaleString()} would wait for another rollout.`}
      </Text>
      {waves.map((wave, index) => (
        <Card key={wave.name} padding="sm">
          <Group justify="space-between"><Text fw={600}>{index + 1}. {wave.name}{wave.manual ? ', begins when a person lets it' : ''}</Text><Text size="sm" c="dimmed" className="num">{wave.targets.toLocaleString()}</Text></Group>
          <Group gap="xs" mt={4}>
            {wave.assets.map((asset) => <LinkText key={asset} to="/assets/$id" params={{ id: asset }} size="sm">{asset}</LinkText>)}
            {wave.targets > wave.assets.length && <Text size="sm" c="dimmed">and {(wave.targets - wave.assets.length).toLocaleString()} more</Text>}
          </Group>
        </Card>
      ))}
      {leftOut.length > 0 && (
        <Card padding="sm">
          <Text fw={600} mb={4}>Left out</Text>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
            {leftOut.map((group) => (
              <div key={group.reason}>
                <Text size="sm">{group.count.toLocaleString()}: {REASONS[group.reason] ?? group.reason}</Text>
                <Text size="xs" c="dimmed" lineClamp={2}>{Object.keys(group.assets).join(', ')}</Text>
              </div>
            ))}
          </SimpleGrid>
        </Card>
      )}
      <CommandLine label="same by command" command={`muster rollout plan ${name}`} />
    </Stack>
  );
}
