import { Autocomplete, Button, Card, Drawer, Group, Menu, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, data } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { CopyAs } from '../../ui/copyas';
import { FieldDiff } from '../../ui/diffview';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { DataTable, type Column } from '../../ui/table';
import { Ago, absolute } from '../../ui/time';
import { called } from '../../ui/words';
import { actorOf, kindOf, nameOf, runOf, type Entry } from './entry';

type Search = { actor?: string; object?: string; action?: string; from?: string; to?: string; entry?: string };
const route = getRouteApi('/audit');

const columnsFor = (claimTokens: ReadonlyMap<string, string>): Column<Entry>[] => [
  { key: 'at', title: 'When', width: '6.5rem', cell: (row) => <Ago at={row.at} /> },
  { key: 'actor', title: 'Who', width: 'minmax(7rem, 1fr)', cell: (row) => <span title={row.actor}>{actorOf(row, claimTokens)}</span> },
  { key: 'action', title: 'Did', width: 'minmax(8rem, 1fr)', cell: (row) => row.action },
  { key: 'object', title: 'To', width: 'minmax(8rem, 2fr)', cell: (row) => <span title={row.objectName}><Text span size="xs" c="dimmed">{kindOf(row.objectKind)}</Text> {nameOf(row)}</span> },
  { key: 'from', title: 'From', width: 'minmax(6rem, 1fr)', cell: (row) => row.remoteAddress ?? '–', wide: true },
];

const SINCE = [
  { value: '1', label: 'the last hour' },
  { value: '24', label: 'the last day' },
  { value: '168', label: 'the last week' },
  { value: '720', label: 'the last 30 days' },
];

/** Common ones; any may be typed. */
const ACTIONS = ['rollout.start', 'rollout.create', 'rollout.rollback', 'rollout.pause', 'release.publish', 'release.quarantine', 'configuration.update', 'asset.update', 'token.create', 'token.revoke', 'token.login', 'certificate.revoke', 'claim_token.create'];

/** Names of claim tokens, which the trail knows by id. */
function useClaimTokens(): ReadonlyMap<string, string> {
  const lacks = useMay('claim token', 'read');
  const answer = useQuery({
    queryKey: ['claim-tokens', 'names'],
    enabled: lacks === undefined,
    staleTime: 60_000,
    queryFn: () => data(api.GET('/api/v1/claim-tokens', { params: { query: { limit: 1000 } } })),
  });
  return useMemo(() => new Map(answer.data?.items.map(({ id, name }) => [id, name])), [answer.data]);
}

export default function Audit() {
  const claimTokens = useClaimTokens();
  const columns = useMemo(() => columnsFor(claimTokens), [claimTokens]);
  const search = route.useSearch();
  const { actor, object, action, from, to, entry } = search;
  const navigate = useNavigate({ from: '/audit' });
  const [shown, setShown] = useState<Entry>();
  const list = usePages<Entry>(['events', 'audit'], '/api/v1/audit', { actor, object, action, from, to, limit: 200 }, 30_000);
  const now = (part: Search) => void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value)), replace: true });
  const change = useDebouncedCallback(now, 350);
  const open = shown ?? list.rows.find((row) => String(row.id) === entry);
  const query = new URLSearchParams(Object.entries({ actor, object, action, from, to }).filter((pair): pair is [string, string] => pair[1] !== undefined));
  const narrowed = query.size > 0;
  const command = line('muster', 'audit', ...[...query].flatMap(([name, value]) => [`--${name}`, value]));
  return (
    <Page
      title="Audit"
      note="who changed what, when, and what it was before; the database refuses to change or delete an entry"
      actions={
        <>
        <CopyAs path={`/api/v1/audit${narrowed ? `?${query}` : ''}`} command={command} />
        <Menu position="bottom-end">
          <Menu.Target><Button variant="default" leftSection={<IconDownload size={16} />}>Export</Button></Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{narrowed ? 'what the fields select' : 'all'}, at most 100,000 entries</Menu.Label>
            <Menu.Item component="a" href={`/api/v1/audit/export?${query}${narrowed ? '&' : ''}format=csv`} download="audit.csv">CSV</Menu.Item>
            <Menu.Item component="a" href={`/api/v1/audit/export?${query}${narrowed ? '&' : ''}format=jsonl`} download="audit.jsonl">Lines of JSON</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        </>
      }
    >
      <Group gap="xs" align="flex-end">
        <TextInput data-search label="Who" w={150} placeholder="token name" defaultValue={actor ?? ''} onChange={(event) => change({ actor: event.currentTarget.value.trim() })} />
        <TextInput label="To" w={170} placeholder="asset/truck-1, rollout" defaultValue={object ?? ''} onChange={(event) => change({ object: event.currentTarget.value.trim() })} />
        <Autocomplete label="Did" w={160} placeholder="rollout.start" data={ACTIONS} defaultValue={action ?? ''} onChange={(wanted) => change({ action: wanted.trim() })} />
        <Select label="Within" placeholder="ever" clearable w={150} data={SINCE} value={null} onChange={(hours) => now({ from: hours === null ? '' : new Date(Date.now() - Number(hours) * 3_600_000).toISOString(), to: '' })} />
        <TextInput type="datetime-local" label="From" value={localOf(from)} onChange={(event) => now({ from: momentOf(event.currentTarget.value) })} />
        <TextInput type="datetime-local" label="Before" value={localOf(to)} onChange={(event) => now({ to: momentOf(event.currentTarget.value) })} />
      </Group>
      {list.error ? (
        <Problem what="The audit trail cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading the audit trail…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="No entry">{narrowed ? 'Nothing matches. An object is kind/name, or the kind alone; an action such as rollout.start.' : 'Nobody has changed anything yet.'}</Empty></Card>
      ) : (
        <DataTable
          label="audit entries"
          columns={columns}
          rows={list.rows}
          rowKey={(row) => String(row.id)}
          onOpen={(row) => { setShown(row); now({ entry: String(row.id) }); }}
          more={() => void list.fetchNextPage()}
          hasMore={list.hasNextPage}
          busy={list.isFetchingNextPage}
        />
      )}
      <CommandLine label="same by command" command={command} />
      <Drawer opened={open !== undefined} onClose={() => { setShown(undefined); now({ entry: '' }); }} position="right" size="xl" title={open ? `${open.action}: ${nameOf(open)}` : ''}>
        {open && <One entry={open} actor={actorOf(open, claimTokens)} only={now} />}
      </Drawer>
    </Page>
  );
}

function One({ entry, actor, only }: { entry: Entry; actor: string; only: (part: Search) => void }) {
  const run = runOf(entry);
  const name = nameOf(entry);
  return (
    <Stack gap="sm">
      <Text size="sm">{absolute(entry.at)}, by {entry.actorKind === 'claim-token' ? '' : `${entry.actorKind === 'system' && entry.actor === 'system' ? 'the' : entry.actorKind} `}<b>{actor}</b>{entry.remoteAddress ? ` from ${entry.remoteAddress}` : ''}, to {kindOf(entry.objectKind)} <ObjectLink entry={entry} />{run && <>, in <LinkText to="/runbooks/runs/$id" params={{ id: run }} size="sm">a run</LinkText> of it</>}</Text>
      {name !== entry.objectName && <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{entry.objectKind === 'artifact' ? 'hash' : 'id'} {entry.objectName}</Text>}
      {entry.requestId && <Text size="xs" c="dimmed">request {entry.requestId}; the server's log has the same id</Text>}
      <FieldDiff before={entry.before} after={entry.after} />
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => only({ object: `${entry.objectKind}/${entry.objectName}`, actor: '', action: '', entry: '' })}>All about {name}</Button>
        <Button size="compact-sm" variant="default" onClick={() => only({ actor: entry.actor, object: '', action: '', entry: '' })}>All that {called(actor)} did</Button>
      </Group>
    </Stack>
  );
}

function ObjectLink({ entry }: { entry: Entry }) {
  const { objectKind, objectName } = entry;
  const name = nameOf(entry);
  switch (objectKind) {
    case 'asset':
      return <LinkText to="/assets/$id" params={{ id: objectName }} size="sm">{name}</LinkText>;
    case 'rollout':
      return <LinkText to="/rollouts/$name" params={{ name: objectName }} size="sm">{name}</LinkText>;
    case 'configuration':
      return <LinkText to="/configurations/$name" params={{ name: objectName }} size="sm">{name}</LinkText>;
    case 'release':
      return <LinkText to="/releases/$name" params={{ name: objectName }} size="sm">{name}</LinkText>;
    case 'runbook':
      return <LinkText to="/runbooks/$name" params={{ name: objectName }} size="sm">{name}</LinkText>;
    case 'alert-rule':
      return <LinkText to="/alert-rules/$name" params={{ name: objectName }} size="sm">{name}</LinkText>;
    case 'alert':
      return <LinkText to="/alerts/$fingerprint" params={{ fingerprint: objectName }} size="sm">{name}</LinkText>;
    case 'asset_type':
      return <LinkText to="/types/$name" params={{ name: objectName }} size="sm">{name}</LinkText>;
    case 'command-run':
      return <LinkText to="/commands/runs/$id" params={{ id: objectName }} size="sm">{name}</LinkText>;
    case 'gameday':
      return <LinkText to="/gamedays" search={{ day: objectName }} size="sm">{name}</LinkText>;
    case 'asset-change':
      return <LinkText to="/assets" search={{ change: objectName }} size="sm">{name}</LinkText>;
    case 'silence':
      return <LinkText to="/silences" search={{ state: 'all' }} size="sm">{name}</LinkText>;
    default:
      return <b>{name}</b>;
  }
}

function momentOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}

function localOf(moment: string | undefined): string {
  const at = new Date(moment ?? '');
  return Number.isNaN(at.getTime()) ? '' : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
