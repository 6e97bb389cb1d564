import { Card, Code, Drawer, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { DataTable, type Column } from '../../ui/table';
import { Ago, absolute } from '../../ui/time';

type Entry = Schemas['AuditEntry'];
const route = getRouteApi('/audit');

const COLUMNS: Column<Entry>[] = [
  { key: 'at', title: 'When', width: '6.5rem', cell: (row) => <Ago at={row.at} /> },
  { key: 'actor', title: 'Who', width: 'minmax(7rem, 1fr)', cell: (row) => row.actor },
  { key: 'action', title: 'Did', width: 'minmax(8rem, 1fr)', cell: (row) => row.action },
  { key: 'object', title: 'To', width: 'minmax(8rem, 2fr)', cell: (row) => <><Text span size="xs" c="dimmed">{row.objectKind}</Text> {row.objectName}</> },
  { key: 'from', title: 'From', width: 'minmax(6rem, 1fr)', cell: (row) => row.remoteAddress ?? '–', wide: true },
];

export default function Audit() {
  const { actor, object } = route.useSearch();
  const navigate = useNavigate({ from: '/audit' });
  const [shown, setShown] = useState<Entry>();
  const list = usePages<Entry>(['events', 'audit'], '/api/v1/audit', { actor, object, limit: 200 }, 30_000);
  const change = useDebouncedCallback((part: { actor?: string; object?: string }) => {
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value)), replace: true });
  }, 350);
  return (
    <Page title="Audit" note="who changed what, when, and what it was before; written together with the change itself">
      <Group gap="xs">
        <TextInput label="Who" placeholder="token name" defaultValue={actor ?? ''} onChange={(event) => change({ actor: event.currentTarget.value.trim() })} />
        <TextInput label="To" placeholder="asset/truck-1" defaultValue={object ?? ''} onChange={(event) => change({ object: event.currentTarget.value.trim() })} />
      </Group>
      {list.error ? (
        <Problem what="The audit trail cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading the audit trail…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="No entry">{actor || object ? 'Nothing matches.' : 'Nobody has changed anything yet.'}</Empty></Card>
      ) : (
        <DataTable label="audit entries" columns={COLUMNS} rows={list.rows} rowKey={(row) => String(row.id)} onOpen={setShown} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command="muster audit" />
      <Drawer opened={shown !== undefined} onClose={() => setShown(undefined)} position="right" size="lg" title={shown ? `${shown.action} ${shown.objectName}` : ''}>
        {shown && (
          <Stack gap="sm">
            <Text size="sm">{absolute(shown.at)}, by {shown.actorKind} <b>{shown.actor}</b>{shown.remoteAddress ? ` from ${shown.remoteAddress}` : ''}</Text>
            {shown.requestId && <Text size="xs" c="dimmed">request {shown.requestId}</Text>}
            <Text size="sm" fw={600}>Before</Text>
            <Code block>{pretty(shown.before)}</Code>
            <Text size="sm" fw={600}>After</Text>
            <Code block>{pretty(shown.after)}</Code>
          </Stack>
        )}
      </Drawer>
    </Page>
  );
}

function pretty(value: unknown): string {
  return value === undefined || value === null ? '–' : JSON.stringify(value, null, 2);
}
