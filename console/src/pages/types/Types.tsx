import { Card, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api, data, raw, type Schemas } from '../../api/client';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { facetsQuery, type Facets } from '../assets/hooks';
import { originOf, specOf } from './type';

type Row = { type: Schemas['DeclaredObject']; assets: number | undefined };

/** How many assets each type has; those of the caller's scope. */
export function useCounts() {
  const path = facetsQuery({}, ['type'], { limit: '200' });
  return useQuery({
    queryKey: ['asset-facets', 'of types'],
    queryFn: async () => new Map(((await (await raw('GET', path)).json()) as Facets).facets[0]?.values.map(({ value, assets }) => [value, assets])),
    staleTime: 10_000,
  });
}

const COLUMNS: Column<Row>[] = [
  { key: 'name', title: 'Type', width: 'minmax(8rem, 13%)', cell: ({ type }) => <Link to="/types/$name" params={{ name: type.metadata.name }} className="plain"><b>{type.metadata.name}</b></Link> },
  { key: 'about', title: 'What it is', width: 'minmax(10rem, 3fr)', cell: ({ type }) => specOf(type).description ?? <Text inherit c="dimmed" span>–</Text>, wide: true },
  { key: 'assets', title: 'Assets', width: '6rem', numeric: true, cell: ({ type, assets }) => (assets === undefined ? '…' : <LinkText to="/assets" search={{ f: [`type=${type.metadata.name}`] }} inherit>{assets.toLocaleString()}</LinkText>) },
  { key: 'critical', title: 'Criticality', width: '7rem', cell: ({ type }) => specOf(type).criticality ?? 'medium', wide: true },
  { key: 'metrics', title: 'Metrics', width: '5.5rem', numeric: true, cell: ({ type }) => Object.keys(specOf(type).telemetry?.metrics ?? {}).length, wide: true },
  { key: 'commands', title: 'Commands', width: '6.5rem', numeric: true, cell: ({ type }) => Object.keys(specOf(type).commands ?? {}).length, wide: true },
  { key: 'origin', title: 'From', width: '10.5rem', cell: ({ type }) => originOf(type), wide: true },
  { key: 'changed', title: 'Changed', width: '7rem', cell: ({ type }) => <Ago at={type.metadata.updated} />, wide: true },
];

/** What assets can be: what each type reports, takes and needs. */
export default function Types() {
  const navigate = useNavigate();
  const types = useQuery({ queryKey: ['asset-types', 'list'], queryFn: () => data(api.GET('/api/v1/asset-types', { params: { query: { limit: 1000 } } })), refetchInterval: 60_000 });
  const counts = useCounts();
  return (
    <Page title="Asset types" note={types.data && `${types.data.items.length} ${types.data.items.length === 1 ? 'type' : 'types'}`}>
      {types.error ? (
        <Problem what="The types cannot be listed" error={types.error} retry={() => void types.refetch()} />
      ) : types.data === undefined ? (
        <Loading what="loading types…" />
      ) : types.data.items.length === 0 ? (
        <Card><Empty title="There is no type" command="muster apply -f type.yaml">A type says what its assets report, accept and need.</Empty></Card>
      ) : (
        <DataTable
          label="asset types"
          columns={COLUMNS}
          rows={types.data.items.map((type): Row => ({ type, assets: counts.data === undefined ? undefined : (counts.data.get(type.metadata.name) ?? 0) }))}
          rowKey={({ type }) => type.metadata.name}
          onOpen={({ type }) => void navigate({ to: '/types/$name', params: { name: type.metadata.name } })}
        />
      )}
      <CommandLine label="same by command" command="muster get asset-types" />
    </Page>
  );
}
