import { Alert as Notice, Card, Group, SegmentedControl, Select, SimpleGrid, Text } from '@mantine/core';
import { IconUserCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { api, data, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { called, many } from '../../ui/words';
import { RunTable } from './RunTable';
import { PHASES, alone, runbookOf, triggersOf, type Runbook, type Tally } from './runbook';

const route = getRouteApi('/runbooks');
const DAYS = 30;

type Row = { book: Runbook; tally: Tally | undefined };

const COLUMNS: Column<Row>[] = [
  { key: 'name', title: 'Runbook', width: 'minmax(9rem, min(18rem, 19%))', cell: ({ book }) => <Link to="/runbooks/$name" params={{ name: book.name }} className="plain" title={book.spec.description ?? ''}><b>{book.name}</b></Link> },
  { key: 'triggers', title: 'Started by', width: 'minmax(9rem, 2fr)', cell: ({ book }) => <Triggers book={book} />, wide: true },
  { key: 'last', title: 'Last run', width: '8.25rem', cell: ({ tally }) => (tally ? <LinkText to="/runbooks/runs/$id" params={{ id: tally.lastRun }} underline="never"><State value={tally.lastPhase} /></LinkText> : <Text span inherit c="dimmed">never ran</Text>) },
  { key: 'when', title: 'When', width: '6.5rem', cell: ({ tally }) => <Ago at={tally?.lastAt} none="–" />, wide: true },
  { key: 'runs', title: `Runs, ${DAYS} d`, width: '6rem', numeric: true, cell: ({ tally }) => (tally?.runs ?? 0).toLocaleString(), wide: true },
  { key: 'bad', title: 'Not succeeded', width: '8rem', numeric: true, cell: ({ tally }) => (tally ? (tally.failed + tally.indeterminate + tally.stopped).toLocaleString() : '0'), wide: true },
  { key: 'alone', title: 'Closed alone', width: '7.5rem', numeric: true, cell: ({ tally }) => alone(tally), wide: true },
  { key: 'saved', title: 'Saved', width: '6rem', numeric: true, cell: ({ tally }) => (tally && tally.toilSavedMinutes > 0 ? `${tally.toilSavedMinutes.toLocaleString()} min` : '–'), wide: true },
];

function Triggers({ book }: { book: Runbook }) {
  const all = triggersOf(book.spec);
  return all.length === 0 ? <Text span inherit c="dimmed">by hand only</Text> : <span title={all.join('\n')}>{all.join('; ')}</span>;
}

export default function Runbooks() {
  const { view, state, incident } = route.useSearch();
  const navigate = useNavigate({ from: '/runbooks' });
  const runs = view === 'runs';
  return (
    <Page
      title="Runbooks"
      note="what is done about a kind of alert: step by step, within guards, never twice"
      actions={
        <SegmentedControl
          aria-label="view"
          data={[{ value: 'books', label: 'Runbooks' }, { value: 'runs', label: 'Runs' }]}
          value={runs ? 'runs' : 'books'}
          onChange={(value) => void navigate({ search: value === 'runs' ? { view: 'runs' } : {}, replace: true })}
        />
      }
    >
      <Waiting />
      {runs ? <Runs state={state} incident={incident} /> : <Books />}
    </Page>
  );
}

/** Runs that go no further without a person, wherever one looks. */
function Waiting() {
  const active = useQuery({
    queryKey: ['runbook-runs', 'active'],
    queryFn: () => data(api.GET('/api/v1/runbook-runs', { params: { query: { state: 'active', limit: 200 } } })),
    refetchInterval: 5_000,
  });
  const waiting = active.data?.items.filter((run) => run.phase === 'waiting') ?? [];
  if (waiting.length === 0) return null;
  return (
    <Notice color="orange" icon={<IconUserCheck />} title={waiting.length === 1 ? 'A run waits for a second person' : `${waiting.length} runs wait for a second person`}>
      {waiting.slice(0, 5).map((run) => <Text key={run.id} size="sm"><LinkText to="/runbooks/runs/$id" params={{ id: run.id }} underline="always" size="sm">{run.runbook}</LinkText>, started by {called(run.startedBy)} <Ago at={run.startedAt} /> for {many(run.targets.length, 'asset')}</Text>)}
    </Notice>
  );
}

function Books() {
  const navigate = useNavigate({ from: '/runbooks' });
  const books = usePages<Schemas['DeclaredObject']>(['runbooks'], '/api/v1/runbooks', { limit: 500 }, 60_000);
  const figures = useQuery({ queryKey: ['runbook-runs', 'figures', DAYS], queryFn: () => data(api.GET('/api/v1/runbooks/figures', { params: { query: { days: DAYS } } })), refetchInterval: 30_000 });
  if (books.error) return <Problem what="The runbooks cannot be shown" error={books.error} retry={() => void books.refetch()} />;
  if (books.isPending) return <Loading what="loading runbooks…" />;
  const tallies = new Map((figures.data?.runbooks ?? []).map((tally) => [tally.runbook, tally]));
  const rows = books.rows.map(runbookOf).map((book) => ({ book, tally: tallies.get(book.name) }));
  return (
    <>
      {figures.error && <Problem what="How runs went cannot be told" error={figures.error} retry={() => void figures.refetch()} />}
      {figures.data && <Figures figures={figures.data} />}
      {rows.length === 0 ? (
        <Card><Empty title="There is no runbook" command="muster apply -f examples/runbooks/pos-restart.yaml">Nine are shipped, and were deleted here. The example restarts a till that stopped selling:</Empty></Card>
      ) : (
        <DataTable label="runbooks" columns={COLUMNS} rows={rows} rowKey={({ book }) => book.name} onOpen={({ book }) => void navigate({ to: '/runbooks/$name', params: { name: book.name } })} more={() => void books.fetchNextPage()} hasMore={books.hasNextPage} busy={books.isFetchingNextPage} />
      )}
      <Group gap="lg"><CommandLine label="same by command" command="muster get runbooks" /><CommandLine label="figures" command={`muster runbook figures --days ${DAYS}`} /></Group>
    </>
  );
}

function Figures({ figures: { runbooks, toilSavedMinutes } }: { figures: Schemas['RunbookFigures'] }) {
  const sum = (of: (tally: Tally) => number) => runbooks.reduce((all, tally) => all + of(tally), 0);
  const facts: [string, string, string][] = [
    ['Runs', sum((tally) => tally.runs).toLocaleString(), `${sum((tally) => tally.succeeded).toLocaleString()} succeeded`],
    ['Not succeeded', sum((tally) => tally.failed + tally.indeterminate + tally.stopped).toLocaleString(), `${sum((tally) => tally.indeterminate).toLocaleString()} of them indeterminate; ${sum((tally) => tally.refused).toLocaleString()} more were refused by a guard`],
    ['Closed without a person', alone({ incidents: sum((tally) => tally.incidents), withoutPerson: sum((tally) => tally.withoutPerson) }), 'of the closed incidents for which one ran'],
    ['Saved', `${toilSavedMinutes.toLocaleString()} min`, 'that people would have needed for the same'],
  ];
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      {facts.map(([title, value, says]) => (
        <Card key={title} padding="sm">
          <Text size="xs" c="dimmed">{title}, {DAYS} days</Text>
          <Text fz={22} fw={650} className="num">{value}</Text>
          <Text size="xs" c="dimmed">{says}</Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}

function Runs({ state, incident }: { state: string | undefined; incident: string | undefined }) {
  const navigate = useNavigate({ from: '/runbooks' });
  return (
    <>
      <Group gap="xs" align="flex-end">
        <Select
          label="State"
          placeholder="any"
          clearable
          data={[{ value: 'active', label: 'not ended' }, ...PHASES.map((phase) => ({ value: phase, label: phase }))]}
          value={state ?? null}
          onChange={(wanted) => void navigate({ search: (before) => ({ ...Object.fromEntries(Object.entries(before).filter(([key]) => key !== 'state')), ...(wanted && { state: wanted }) }), replace: true })}
          w={170}
        />
        {incident !== undefined && <Text size="sm">only for {incident} <LinkText to="/runbooks" search={{ view: 'runs' }} size="xs">all</LinkText></Text>}
      </Group>
      <RunTable query={{ state, incident }} filtered={state !== undefined || incident !== undefined} />
      <CommandLine label="same by command" command={line('muster', 'runbook', 'runs', ...(state ? ['--state', state] : []), ...(incident ? ['--incident', incident] : []))} />
    </>
  );
}
