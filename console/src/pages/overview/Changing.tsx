import { Card, Group, Progress, Stack, Text, Title, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State, lookColor } from '../../ui/state';
import { Ago } from '../../ui/time';
import { DRIFT_STATES, useDriftSummary } from '../drift/summary';
import { StageBar } from '../rollouts/StageBar';
import { rolloutOf } from '../rollouts/rollout';
import { percent } from './Overview';

const SHOWN = 6;

/** How far the fleet is from what is desired of it. */
export function DriftCard() {
  const summary = useDriftSummary();
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Drift</Title>
        <LinkText to="/drift" size="xs">all</LinkText>
      </Group>
      {summary.error && <Problem what="The drift cannot be counted" error={summary.error} />}
      {summary.data && (
        <Stack gap={8}>
          <Group align="baseline" gap={8}>
            <Text fz={26} fw={650} lh={1.2} className="num">{typeof summary.data.rate === 'number' ? percent(summary.data.rate * 100) : 'unknown'}</Text>
            <Text size="sm" c="dimmed">{summary.data.outOfSync.toLocaleString()} of {summary.data.observed.toLocaleString()} with a fresh report, counted <Ago at={summary.data.at} /></Text>
          </Group>
          <Progress.Root size="md">
            {DRIFT_STATES.filter((state) => (summary.data.states[state] ?? 0) > 0).map((state) => (
              <Tooltip key={state} label={`${state.replace('_', ' ')}: ${(summary.data.states[state] ?? 0).toLocaleString()}`}>
                <Progress.Section value={((summary.data.states[state] ?? 0) / Math.max(summary.data.assets, 1)) * 100} color={lookColor(state)} aria-label={`${state}: ${summary.data.states[state]}`} />
              </Tooltip>
            ))}
          </Progress.Root>
          <Group gap="md">
            {DRIFT_STATES.filter((state) => state !== 'unmanaged' && (state !== 'pending' || (summary.data.states.pending ?? 0) > 0)).map((state) => (
              <LinkText key={state} to="/drift" search={{ state }} size="sm" c="inherit">
                <Group gap={6} wrap="nowrap"><State value={state} /><span className="num">{(summary.data.states[state] ?? 0).toLocaleString()}</span></Group>
              </LinkText>
            ))}
          </Group>
        </Stack>
      )}
    </Card>
  );
}

/** What is being rolled out now, and what waits for a person. */
export function RolloutsCard() {
  const live = useQuery({
    queryKey: ['rollouts', 'live'],
    queryFn: () => data(api.GET('/api/v1/rollouts', { params: { query: { live: true, limit: SHOWN } } })),
    refetchInterval: 15_000,
  });
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Rollouts under way</Title>
        <LinkText to="/rollouts" size="xs">all</LinkText>
      </Group>
      {live.error && <Problem what="The rollouts cannot be shown" error={live.error} />}
      {live.data?.items.length === 0 && <Text c="dimmed" size="sm">None: nothing is being changed.</Text>}
      <Stack gap="sm">
        {live.data?.items.map(rolloutOf).map(({ name, status }) => (
          <div key={name}>
            <Group justify="space-between" wrap="nowrap" gap="sm" mb={4}>
              <LinkText to="/rollouts/$name" params={{ name }} size="sm" truncate>{name}</LinkText>
              <Group gap="xs" wrap="nowrap">
                <Text size="xs" c="dimmed" className="num" style={{ whiteSpace: 'nowrap' }}>{(status.counts.succeeded ?? 0).toLocaleString()} of {status.targets.toLocaleString()}</Text>
                <State value={status.phase} title={status.why} />
              </Group>
            </Group>
            <StageBar counts={status.counts} targets={status.targets} size="sm" />
            {status.phase === 'paused' && <Text size="xs" c="dimmed" mt={2}>{status.why}</Text>}
          </div>
        ))}
        {(live.data?.continue ?? '') !== '' && <LinkText to="/rollouts" search={{ show: 'live' }} size="xs">all that are under way</LinkText>}
      </Stack>
    </Card>
  );
}
