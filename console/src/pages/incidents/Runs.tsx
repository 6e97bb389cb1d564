import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { usePages } from '../../api/hooks';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { StepList } from '../runbooks/StepList';
import { isLive, type Run } from '../runbooks/runbook';
import type { Incident } from './incident';

/** The runs of runbooks for an incident, each with its steps. */
export function Runs({ incident }: { incident: Incident }) {
  const runs = usePages<Run>(['runbook-runs', 'list'], '/api/v1/runbook-runs', { incident: incident.name, limit: 20 }, 15_000);
  if (runs.error) return <Problem what="The runs cannot be shown" error={runs.error} retry={() => void runs.refetch()} />;
  if (runs.isPending) return <Loading what="loading runs…" />;
  return (
    <Stack gap="sm">
      {runs.rows.map((run) => <OneRun key={run.id} id={run.id} />)}
      {runs.rows.length === 0 && <Card><Empty title="No runbook ran for it" command="muster get runbooks">One begins by itself when its trigger matches an alert; which there are, and what each does, says <LinkText to="/runbooks" underline="always" size="sm">Runbooks</LinkText>.</Empty></Card>}
      {runs.hasNextPage && <Button variant="default" size="xs" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()} style={{ alignSelf: 'flex-start' }}>Older</Button>}
      <CommandLine label="same by command" command={line('muster', 'runbook', 'runs', '--incident', incident.name)} />
    </Stack>
  );
}

function OneRun({ id }: { id: string }) {
  const answer = useQuery({
    queryKey: ['runbook-runs', id],
    queryFn: () => data(api.GET('/api/v1/runbook-runs/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data !== undefined && !isLive(query.state.data) ? false : 2_000),
  });
  if (answer.error) return <Problem what="The run cannot be shown" error={answer.error} />;
  if (answer.data === undefined) return <Loading what="loading the run…" />;
  const run = answer.data;
  return (
    <Card>
      <Group justify="space-between" gap="xs" mb={6}>
        <Group gap="xs"><Text fw={600}>{run.runbook}</Text><State value={run.phase} /><Text size="sm" c="dimmed" component="span">by {run.startedBy} ({run.trigger}) <Ago at={run.startedAt} />{run.endedAt && <>, ended <Ago at={run.endedAt} /></>}</Text></Group>
        <LinkText to="/runbooks/runs/$id" params={{ id }} size="sm">{run.asks ? 'it waits for a person' : isLive(run) ? 'look, approve, stop' : 'all of it'}</LinkText>
      </Group>
      {run.reason !== '' && <Text size="sm" mb={6}>{run.reason}</Text>}
      {run.targets.length > 0 && <Text size="sm" c="dimmed" mb={6}>acts on {run.targets.slice(0, 8).join(', ')}{run.targets.length > 8 && ` and ${(run.targets.length - 8).toLocaleString()} more`}</Text>}
      {run.phase !== 'refused' && <StepList run={run} compact />}
    </Card>
  );
}
