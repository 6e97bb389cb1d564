import { Button, Card, Code, Group, List, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { useLacks, useMe } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { Ago, absolute } from '../../ui/time';
import { runsOf, type Incident } from './incident';

const PAGES = 10;

/** The runs of runbooks for an incident, each with its steps. */
export function Runs({ incident }: { incident: Incident }) {
  const runs = useQuery({
    queryKey: ['runbook-runs', 'of', incident.name],
    queryFn: async () => {
      const all: Schemas['RunbookRun'][] = [];
      let next: string | undefined;
      for (let page = 0; page < PAGES; page++) {
        const answer = await data(api.GET('/api/v1/runbook-runs', { params: { query: { limit: 200, ...(next !== undefined && { continue: next }) } } }));
        all.push(...answer.items);
        next = answer.continue;
        if (next === undefined || runsOf(all, incident).complete) return { found: runsOf(all, incident).found, complete: true };
      }
      return { found: runsOf(all, incident).found, complete: false };
    },
    refetchInterval: 15_000,
  });
  if (runs.error) return <Problem what="The runs cannot be shown" error={runs.error} retry={() => void runs.refetch()} />;
  if (runs.data === undefined) return <Loading what="loading runs…" />;
  return (
    <Stack gap="sm">
      {runs.data.found.map((run) => <Run key={run.id} id={run.id} />)}
      {runs.data.found.length === 0 && <Card><Empty title="No runbook ran for it" command="muster get runbooks">One begins by itself when its trigger matches an alert; which there are, and what each does, says:</Empty></Card>}
      {!runs.data.complete && <Text size="sm" c="dimmed">Only the newest {(PAGES * 200).toLocaleString()} runs of all runbooks were looked at; there may be older ones.</Text>}
      <CommandLine label="all runs" command="muster runbook runs" />
    </Stack>
  );
}

function Run({ id }: { id: string }) {
  const queries = useQueryClient();
  const operator = useLacks('operator');
  const { scope, name } = useMe();
  const lacks = operator ?? (scope ? `needs the whole scope; ${name} sees ${scope}` : undefined);
  const [asked, setAsked] = useState<'approve' | 'stop'>();
  const answer = useQuery({ queryKey: ['runbook-runs', id], queryFn: () => data(api.GET('/api/v1/runbook-runs/{id}', { params: { path: { id } } })) });
  if (answer.error) return <Problem what="The run cannot be shown" error={answer.error} />;
  if (answer.data === undefined) return <Loading what="loading the run…" />;
  const run = answer.data;
  const live = run.phase === 'waiting' || run.phase === 'running';
  return (
    <Card>
      <Group justify="space-between" gap="xs" mb={6}>
        <Group gap="xs"><Text fw={600}>{run.runbook}</Text><State value={run.phase} /><Text size="sm" c="dimmed" component="span">by {run.startedBy} ({run.trigger}) <Ago at={run.startedAt} />{run.endedAt && <>, ended <Ago at={run.endedAt} /></>}</Text></Group>
        {live && (
          <Group gap="xs">
            {run.phase === 'waiting' && <Button size="compact-sm" disabled={lacks !== undefined} title={lacks} onClick={() => setAsked('approve')}>Approve…</Button>}
            <Button size="compact-sm" variant="light" color="red" disabled={lacks !== undefined} title={lacks} onClick={() => setAsked('stop')}>Stop…</Button>
          </Group>
        )}
      </Group>
      <Text size="sm" mb={6}>{run.reason}</Text>
      {run.targets.length > 0 && <Text size="sm" c="dimmed" mb={6}>acts on {run.targets.slice(0, 8).join(', ')}{run.targets.length > 8 && ` and ${(run.targets.length - 8).toLocaleString()} more`}</Text>}
      <List size="sm" spacing={4} type="ordered">
        {(run.history ?? []).map((entry) => (
          <List.Item key={`${entry.at}${entry.step}${entry.what}`}>
            <Text span size="xs" c="dimmed" title={entry.at}>{absolute(entry.at)}</Text> {entry.step !== '' && <Code>{entry.step}</Code>} {entry.what.replaceAll('_', ' ')}{entry.text !== '' && `: ${entry.text}`}
          </List.Item>
        ))}
      </List>
      {asked && (
        <Ask
          verb={asked === 'approve' ? 'Approve' : 'Stop'}
          name={run.runbook}
          consequence={asked === 'approve' ? 'Lets it begin, or says that what its step asks a person for is done. Its guards hold all the same.' : 'It does not begin its next step; commands that no asset has taken are taken back. What is done stays done.'}
          act={async () => {
            await raw('POST', `/api/v1/runbook-runs/${encodeURIComponent(id)}/${asked}`, {});
            await queries.invalidateQueries({ queryKey: ['runbook-runs'] });
          }}
          onClose={() => setAsked(undefined)}
          command={() => line('muster', 'runbook', asked, id)}
        />
      )}
    </Card>
  );
}
