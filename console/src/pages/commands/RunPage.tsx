import { Button, Card, Code, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ProblemError, api, data, raw } from '../../api/client';
import { usePages, type Command } from '../../api/hooks';
import { Missing, Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkCard } from '../../ui/links';
import { State } from '../../ui/state';
import { DataTable } from '../../ui/table';
import { Ago } from '../../ui/time';
import { called } from '../../ui/words';
import { CommandDrawer } from './CommandDrawer';
import { RunProgress } from './RunProgress';
import { COMMAND_COLUMNS } from './columns';

const route = getRouteApi('/commands/runs/$id');

/** One command for many assets: how far it is, who did not do it and why. */
export default function RunPage() {
  const { id } = route.useParams();
  const lacks = useMay('command');
  const queries = useQueryClient();
  const [asks, setAsks] = useState(false);
  const [shown, setShown] = useState<string>();
  const answer = useQuery({
    queryKey: ['command-runs', id],
    queryFn: () => data(api.GET('/api/v1/command-runs/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data?.state === 'ended' ? false : 2_000),
  });
  const list = usePages<Command>(['commands', 'run', id], '/api/v1/commands', { run: id, limit: 200 }, answer.data?.state === 'ended' ? false : 5_000);
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title="There is no such run">It was long ago, or is outside of your scope.</Missing>
    ) : (
      <Problem what="The run cannot be shown" error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what="loading the run…" />;
  const run = answer.data;
  const parameters = run.parameters as Record<string, unknown>;
  return (
    <Page
      title={`${run.name} on ${run.assets.toLocaleString()} ${run.assets === 1 ? 'asset' : 'assets'}`}
      note={<Group gap="xs" mt={4}><State value={run.state} /><Text size="sm" c="dimmed">started <Ago at={run.createdAt} /> by {called(run.createdBy)}{run.endedAt ? <>, ended <Ago at={run.endedAt} /></> : ''}</Text></Group>}
      actions={run.state === 'running' && <Button color="red" variant="light" disabled={lacks !== undefined} title={lacks} onClick={() => setAsks(true)}>Stop it…</Button>}
    >
      <Card>
        <Stack gap="sm">
          <RunProgress run={run} size="lg" />
          {run.stopped && <Text size="sm" c="orange">{run.stopped}</Text>}
          <Text size="sm">
            {run.selector ? <Code>{run.selector}</Code> : 'what did not succeed of another run'} · {run.concurrency} at a time ·{' '}
            {run.maxFailures === undefined || run.maxFailures === null ? 'goes on whatever fails' : `stops after more than ${run.maxFailures} that did not succeed`}
            {run.skipped > 0 && ` · ${run.skipped} skipped: retired or quarantined`}
          </Text>
          {Object.keys(parameters).length > 0 && <Code block>{JSON.stringify(parameters, null, 2)}</Code>}
        </Stack>
      </Card>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
        {Object.entries(run.commands).filter(([, count]) => count > 0).map(([status, count]) => (
          <LinkCard key={status} to="/commands" search={{ run: id, status }}>
            <State value={status} />
            <Text fz={24} fw={650} className="num">{count.toLocaleString()}</Text>
          </LinkCard>
        ))}
      </SimpleGrid>
      <Title order={2}>By asset</Title>
      {list.error ? (
        <Problem what="Its commands cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading its commands…" />
      ) : (
        <DataTable label="commands of the run" columns={COMMAND_COLUMNS.filter((column) => column.key !== 'by')} rows={list.rows} rowKey={(row) => row.id} onOpen={(row) => setShown(row.id)} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command={`muster commands --run ${id}`} />
      {run.state === 'ended' && run.commands.succeeded !== run.assets && <CommandLine label="once more for the others" command={`muster run --retry-of ${id}`} />}
      {asks && (
        <Confirm
          verb="Stop"
          name={run.name}
          consequence="What is queued is cancelled; what has gone out to assets goes on."
          act={async () => {
            await raw('POST', `/api/v1/command-runs/${id}/cancel`);
            await queries.invalidateQueries({ queryKey: ['command-runs'] });
          }}
          onClose={() => setAsks(false)}
          command={() => `muster commands cancel ${id}`}
        />
      )}
      <CommandDrawer id={shown} onClose={() => setShown(undefined)} onShow={setShown} />
    </Page>
  );
}
