import { Card, Group, SimpleGrid, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { usePages } from '../../api/hooks';
import type { Schemas } from '../../api/client';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkCard } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { percent } from '../overview/Overview';
import { DRIFT_STATES, useDriftSummary } from './summary';

type Item = Schemas['DriftItem'];
const route = getRouteApi('/drift');

const COLUMNS: Column<Item>[] = [
  { key: 'asset', title: 'Asset', width: 'minmax(6.75rem, 1.5fr)', cell: (row) => <Link to="/assets/$id" params={{ id: row.asset }} search={{ tab: 'twin' }} className="plain"><b>{row.asset}</b></Link> },
  { key: 'state', title: 'State', width: '7.75rem', cell: (row) => <State value={row.stalled ? 'stalled' : row.state} title={row.stalled ?? row.reason ?? ''} /> },
  { key: 'since', title: 'Since', width: '6.75rem', cell: (row) => <Ago at={row.since} />, wide: true },
  { key: 'why', title: 'Why', width: 'minmax(10rem, 4fr)', cell: (row) => <span title={why(row)}>{why(row)}</span>, wide: true },
  { key: 'generation', title: 'Generation', width: '8.5rem', numeric: true, cell: (row) => `${row.reportedGeneration ?? '–'} of ${row.generation}`, wide: true },
  { key: 'type', title: 'Type', width: 'minmax(6rem, 1fr)', cell: (row) => row.type, wide: true },
];

/** The fields that differ where they are listed, else the server's reason. */
function why(item: Item): string {
  const fields = (item.fields ?? []) as { field: string; desired: unknown; reported?: unknown }[];
  if (fields.length === 0) return item.stalled ?? item.reason ?? '';
  const first = fields.slice(0, 2).map((field) => `${field.field} is ${text(field.reported)}, not ${text(field.desired)}`).join('; ');
  return item.differing > 2 ? `${first}; ${item.differing - 2} more` : first;
}

function text(value: unknown): string {
  return value === undefined ? 'not reported' : JSON.stringify(value);
}

export default function Drift() {
  const { state, selector } = route.useSearch();
  const navigate = useNavigate({ from: '/drift' });
  const list = usePages<Item>(['drift'], '/api/v1/drift', { state, selector, limit: 200 }, 10_000);
  const typed = useDebouncedCallback((wanted: string) => void navigate({ search: ({ selector: _, ...before }) => ({ ...before, ...(wanted && { selector: wanted }) }), replace: true }), 350);
  return (
    <Page title="Drift" note={state ? `${state.replace('_', ' ')} only` : 'who is not what is desired: drifted, rejected or pending'}>
      <Summary selector={selector} chosen={state} />
      <TextInput data-search label="Selector (CEL)" placeholder="asset.region == 'eu'" defaultValue={selector ?? ''} onChange={(event) => typed(event.currentTarget.value.trim())} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />
      {list.error ? (
        <Problem what="The drift cannot be listed" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="comparing the fleet…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title={state ? `No asset is ${state.replace('_', ' ')}` : 'Nobody differs'}>{state ? 'Choose another state above.' : 'Every asset with a fresh report is what is desired of it. Of those with an unknown state nothing can be told; choose that card to see them.'}</Empty></Card>
      ) : (
        <DataTable label="drift" columns={COLUMNS} rows={list.rows} rowKey={(row) => row.asset} onOpen={(row) => void navigate({ to: '/assets/$id', params: { id: row.asset }, search: { tab: 'twin' } })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command={line('muster', 'drift', ...(state ? ['--state', state] : []), ...(selector ? ['--selector', selector] : []))} />
    </Page>
  );
}

function Summary({ selector, chosen }: { selector: string | undefined; chosen: string | undefined }) {
  const summary = useDriftSummary(selector);
  if (summary.error) return <Problem what="The drift cannot be counted" error={summary.error} />;
  if (summary.data === undefined) return null;
  const { at, states, rate, outOfSync, observed, overdue, stalled } = summary.data;
  return (
    <>
      <Card>
        <Group gap="md" align="flex-end">
          <div>
            <Text size="xs" c="dimmed">Drift rate</Text>
            <Text fz={30} fw={650} lh={1.2} className="num">{rate === null || rate === undefined ? 'unknown' : percent(rate * 100)}</Text>
          </div>
          <Text size="sm" c="dimmed" style={{ flex: '1 1 220px' }}>
            {rate === null || rate === undefined
              ? 'No asset has a fresh report, so there is no rate; that is not the same as no drift.'
              : `${outOfSync.toLocaleString()} out of ${observed.toLocaleString()} with a fresh report: drifted, rejected${overdue > 0 ? `, or pending for too long (${overdue.toLocaleString()})` : ''}.`}
            {(states.unknown ?? 0) > 0 && ` ${(states.unknown ?? 0).toLocaleString()} are unknown, in neither number: they never reported, or their report is stale.`}
            {stalled > 0 && ` Of ${stalled.toLocaleString()} Muster has given up.`}
          </Text>
          <Text size="xs" c="dimmed">counted <Ago at={at} /></Text>
        </Group>
      </Card>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
        {DRIFT_STATES.map((state) => (
          <LinkCard key={state} to="/drift" search={{ ...(selector && { selector }), ...(chosen === state ? {} : { state }) }} {...(chosen === state ? { 'aria-current': 'true' as const, bg: 'var(--mantine-primary-color-light)' } : {})} padding="sm">
            <State value={state} />
            <Text fz={22} fw={650} className="num">{(states[state] ?? 0).toLocaleString()}</Text>
          </LinkCard>
        ))}
      </SimpleGrid>
    </>
  );
}
