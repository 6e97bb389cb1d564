import { Card, Group, Progress, SegmentedControl, Select, SimpleGrid, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { api, data } from '../../api/client';
import { usePages, type Command, type CommandRun } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { called } from '../../ui/words';
import { percent } from '../overview/Overview';
import { CommandDrawer } from './CommandDrawer';
import { COMMAND_COLUMNS } from './columns';
import { RunProgress } from './RunProgress';

const route = getRouteApi('/commands');
export const STATUSES = ['queued', 'pending', 'accepted', 'running', 'succeeded', 'failed', 'rejected', 'expired', 'indeterminate', 'cancelled'];

type Search = { view?: string; status?: string; name?: string; run?: string; command?: string };

export default function Commands() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/commands' });
  const change = (part: Search) =>
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value)) as Search, replace: true });
  const runs = search.view === 'runs';
  return (
    <Page
      title="Commands"
      note="what assets were told to do once, and what became of it"
      actions={
        <SegmentedControl
          aria-label="shown"
          data={[{ value: 'single', label: 'By asset' }, { value: 'runs', label: 'Runs' }]}
          value={runs ? 'runs' : 'single'}
          onChange={(view) => void navigate({ search: view === 'runs' ? { view } : {}, replace: true })}
        />
      }
    >
      <SuccessRate />
      {runs ? <Runs /> : <Single search={search} change={change} />}
      <CommandDrawer id={search.command} onClose={() => change({ command: '' })} onShow={(command) => change({ command })} />
    </Page>
  );
}

function Single({ search, change }: { search: Search; change: (part: Search) => void }) {
  const named = useDebouncedCallback((name: string) => change({ name }), 350);
  const list = usePages<Command>(['commands', 'all'], '/api/v1/commands', { status: search.status, name: search.name, run: search.run, limit: 200 }, 5_000);
  const filtered = search.status !== undefined || search.name !== undefined || search.run !== undefined;
  return (
    <>
      <Group gap="xs" align="flex-end">
        <Select label="State" placeholder="any" clearable data={STATUSES} value={search.status ?? null} onChange={(status) => change({ status: status ?? '' })} w={160} />
        <TextInput data-search label="Command" placeholder="any" defaultValue={search.name ?? ''} onChange={(event) => named(event.currentTarget.value.trim())} style={{ flex: '1 1 160px' }} maw={320} />
        {search.run && <Text size="sm" pb={8}>of the run <LinkText to="/commands/runs/$id" params={{ id: search.run }} size="sm">{search.run}</LinkText></Text>}
      </Group>
      {list.error ? (
        <Problem what="The commands cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading commands…" />
      ) : list.rows.length === 0 ? (
        <Card>
          {filtered ? <Empty title="No command matches">Change the fields above.</Empty> : (
            <Empty title="No command was given yet" command="muster run reboot --asset ID">Run one from the page of an asset, or for many assets at once:</Empty>
          )}
        </Card>
      ) : (
        <DataTable label="commands" columns={COMMAND_COLUMNS} rows={list.rows} rowKey={(row) => row.id} onOpen={(row) => change({ command: row.id })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command={line('muster', 'commands', ...(search.status ? ['--status', search.status] : []), ...(search.name ? ['--name', search.name] : []), ...(search.run ? ['--run', search.run] : []))} />
    </>
  );
}

const RUN_COLUMNS: Column<CommandRun>[] = [
  { key: 'name', title: 'Command', width: 'minmax(6.25rem, 1fr)', cell: (row) => <Link to="/commands/runs/$id" params={{ id: row.id }} className="plain"><b>{row.name}</b></Link> },
  { key: 'state', title: 'State', width: '7.5rem', cell: (row) => <State value={row.state} {...(row.stopped ? { title: row.stopped } : {})} /> },
  { key: 'progress', title: 'Progress', width: 'minmax(6.75rem, 2fr)', cell: (row) => <RunProgress run={row} /> },
  { key: 'assets', title: 'Assets', width: '5rem', numeric: true, cell: (row) => row.assets.toLocaleString(), wide: true },
  { key: 'selector', title: 'Selector', width: 'minmax(8rem, 2fr)', cell: (row) => <Text size="xs" ff="monospace" truncate>{row.selector ?? '–'}</Text>, wide: true },
  { key: 'created', title: 'Started', width: '6.5rem', cell: (row) => <Ago at={row.createdAt} />, wide: true },
  { key: 'by', title: 'By', width: 'minmax(6rem, 1fr)', cell: (row) => <span title={row.createdBy}>{called(row.createdBy)}</span>, wide: true },
];

function Runs() {
  const navigate = useNavigate();
  const list = usePages<CommandRun>(['command-runs'], '/api/v1/command-runs', { limit: 100 }, 5_000);
  return (
    <>
      {list.error ? (
        <Problem what="The runs cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading runs…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="No run yet" command={`muster run restart-app --selector "asset.type == 'pos'" --concurrency 20 --max-failures 3`}>The same command for every asset of a selection, so many at a time:</Empty></Card>
      ) : (
        <DataTable label="command runs" columns={RUN_COLUMNS} rows={list.rows} rowKey={(row) => row.id} onOpen={(row) => void navigate({ to: '/commands/runs/$id', params: { id: row.id } })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command="muster get command-runs" />
    </>
  );
}

/** How many were done in time, of those of the last day whose end is known. */
function SuccessRate() {
  const rate = useQuery({
    queryKey: ['commands', 'rate'],
    queryFn: () => data(api.GET('/api/v1/commands/success-rate', { params: { query: {} } })),
    refetchInterval: 30_000,
  });
  if (rate.error) return <Problem what="The success rate cannot be told" error={rate.error} />;
  if (rate.data === undefined) return null;
  const { firstAttempt: first, all } = rate.data.total;
  return (
    <Card>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <Rate title="Done in time, first attempt, 24 h" rate={first.rate} />
        <Rate title="Retries counted too" rate={all.rate} />
        <Figure title="Open now" value={all.open} />
        <Figure title="Of unknown end" value={all.indeterminate} />
      </SimpleGrid>
    </Card>
  );
}

function Rate({ title, rate }: { title: string; rate: number | null | undefined }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{title}</Text>
      <Text fz={22} fw={650} className="num">{rate === null || rate === undefined ? 'nothing ended' : percent(rate * 100)}</Text>
      {typeof rate === 'number' && <Progress value={rate * 100} size="xs" aria-label={`${title}: ${percent(rate * 100)}`} />}
    </div>
  );
}

function Figure({ title, value }: { title: string; value: number }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{title}</Text>
      <Text fz={22} fw={650} className="num">{value.toLocaleString()}</Text>
    </div>
  );
}
