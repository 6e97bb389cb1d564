import { Badge, Card, Code, Group, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { usePages } from '../../api/hooks';
import type { Schemas } from '../../api/client';
import { Empty, Loading, Problem } from '../../ui/feedback';
import { DataTable, type Column } from '../../ui/table';
import { absolute, minutesAgo } from '../../ui/time';

const SEVERITY_COLORS: Record<string, string> = { fatal: 'red', error: 'red', warn: 'orange', info: 'blue', debug: 'gray', trace: 'gray' };

export const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

export function Severity({ value }: { value: string }) {
  return <Badge size="sm" variant="light" radius="sm" tt="none" color={SEVERITY_COLORS[value] ?? 'gray'}>{value}</Badge>;
}

export function when(ts: number) {
  return <time dateTime={new Date(ts).toISOString()}>{absolute(ts)}</time>;
}

const EVENT_COLUMNS: Column<Schemas['EventView']>[] = [
  { key: 'ts', title: 'Time', width: '12rem', cell: (row) => when(row.ts) },
  { key: 'severity', title: 'Severity', width: '5.5rem', cell: (row) => <Severity value={row.severity} /> },
  { key: 'type', title: 'Type', width: 'minmax(8rem, 1fr)', cell: (row) => row.type },
  { key: 'message', title: 'Message', width: 'minmax(10rem, 3fr)', cell: (row) => row.message ?? '' },
  { key: 'data', title: 'Data', width: 'minmax(8rem, 2fr)', cell: (row) => <Code fz={11}>{compact(row.data)}</Code>, wide: true },
];

function compact(value: unknown): string {
  const text = value === undefined || value === null ? '' : JSON.stringify(value);
  return text === '{}' ? '' : text;
}

export function Events({ id }: { id: string }) {
  return <Records id={id} kind="events" columns={EVENT_COLUMNS} empty="No event" teaches="Events are what an asset says of itself: doors, faults, restarts. They are sent to assets/…/events." />;
}

type RecordsProps<T> = { id: string; kind: 'logs' | 'events'; columns: Column<T>[]; empty: string; teaches: string };

function Records<T extends { ts: number; receivedAt: number }>({ id, kind, columns, empty, teaches }: RecordsProps<T>) {
  const [severity, setSeverity] = useState<string | null>(null);
  const [words, setWords] = useState('');
  const [contains] = useDebouncedValue(words.trim(), 350);
  const from = useMemo(() => minutesAgo(7 * 1_440), []);
  const list = usePages<T>([kind, id], `/api/v1/assets/${encodeURIComponent(id)}/${kind}`, { severity: severity ?? undefined, contains, from, limit: 200 }, 5_000);
  return (
    <>
      <Group gap="xs" mb="sm" align="flex-end">
        <Select label="Severity at least" placeholder="any" clearable data={SEVERITIES} value={severity} onChange={setSeverity} w={150} />
        <TextInput label="Contains" placeholder="words" value={words} onChange={(event) => setWords(event.currentTarget.value)} style={{ flex: '1 1 200px' }} />
        <Text size="xs" c="dimmed" pb={8}>last 7 days</Text>
      </Group>
      {list.error ? (
        <Problem what={`The ${kind} cannot be shown`} error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what={`loading ${kind}…`} />
      ) : list.rows.length === 0 ? (
        <Card><Empty title={severity || contains ? `${empty} matches` : `${empty} in the last 7 days`}>{teaches}</Empty></Card>
      ) : (
        <DataTable label={kind} columns={columns} rows={list.rows} rowKey={(row) => `${row.ts}-${row.receivedAt}-${JSON.stringify(row).length}-${list.rows.indexOf(row)}`} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
    </>
  );
}
