import { Alert, Card, Code, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { LinkText } from '../../ui/links';
import { absolute, useNow } from '../../ui/time';
import type { Rollout, RolloutSpec } from './rollout';

/** When it moves, how fast, and what stops it. */
export function Conditions({ rollout: { spec } }: { rollout: Rollout }) {
  const { window, blackouts = [], failures, gates = [] } = spec;
  return (
    <Card>
      <Stack gap={6}>
        <Text size="sm">
          {pace(spec)}
          {window && ` Orders go out ${window.days.join(', ')} from ${window.from} to ${window.to}, by the clock of ${window.zoneLabel ? `the zone in each asset's label ${window.zoneLabel}, else ` : ''}${window.zone ?? 'UTC'}.`}
        </Text>
        {blackouts.length > 0 && <Blackouts blackouts={blackouts} />}
        <Text size="sm">
          A wave bears {failures?.threshold ?? '10%'} of failures, judged from {failures?.minSamples ?? 1} {(failures?.minSamples ?? 1) === 1 ? 'outcome' : 'outcomes'} on; beyond that: {THEN[failures?.then ?? 'rollback'] ?? failures?.then}.
        </Text>
        {gates.map((gate) => (
          <div key={gate.name}>
            <Group gap="xs"><Text size="sm" fw={600}>{gate.name}</Text><Text size="xs" c="dimmed">{gate.continuously ? 'at the end of each wave, and while it moves' : 'at the end of each wave'}; when it fails: {THEN[gate.then ?? failures?.then ?? 'rollback']}</Text></Group>
            <Code block style={{ whiteSpace: 'pre-wrap' }}>{gate.check}</Code>
          </div>
        ))}
      </Stack>
    </Card>
  );
}

const THEN: Record<string, string> = { rollback: 'everybody goes back', pause: 'it pauses' };

function pace({ maxInFlight, perMinute, soak, timeout }: RolloutSpec): string {
  const rate = perMinute === undefined ? '' : `, ${perMinute.toLocaleString()} a minute`;
  return `At most ${(maxInFlight ?? 100).toLocaleString()} at a time${rate}; each must run it for ${soak ?? '10m'}, and get there within ${timeout ?? '30m'}.`;
}

function Blackouts({ blackouts }: { blackouts: NonNullable<RolloutSpec['blackouts']> }) {
  const now = useNow();
  return (
    <>
      {blackouts.map((each) => {
        const from = new Date(each.from).getTime();
        const to = new Date(each.to).getTime();
        return (
          <Text key={each.name} size="sm" {...(to <= now ? { c: 'dimmed' } : from <= now ? { fw: 600 } : {})}>
            {from <= now && now < to ? 'Now no order goes out' : to <= now ? 'No order went out' : 'No order will go out'} ({each.name}): {absolute(each.from)} to {absolute(each.to)}
          </Text>
        );
      })}
    </>
  );
}

/** Whether what it brings is given to nobody any more, and why. */
export function Quarantined({ release: { component, version } }: { release: { component: string; version: string } }) {
  const name = `${component}@${version}`;
  const answer = useQuery({
    queryKey: ['releases', name],
    queryFn: () => data(api.GET('/api/v1/releases/{name}', { params: { path: { name } } })),
    refetchInterval: 30_000,
    retry: false,
  });
  if (answer.data?.status !== 'quarantined') return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={`${component} ${version} is quarantined`}>
      <Text size="sm">{answer.data.reason}</Text>
      <Text size="sm">No asset gets it until somebody <LinkText to="/releases/$name" params={{ name }} size="sm" underline="always">ends the quarantine</LinkText>.</Text>
    </Alert>
  );
}
