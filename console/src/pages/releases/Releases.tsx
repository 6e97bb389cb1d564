import { Badge, Card, Group, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { api, data, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { bytes } from '../../ui/size';
import { called } from '../../ui/words';

export type Release = Schemas['Release'];
const route = getRouteApi('/releases');

const COLUMNS: Column<Release>[] = [
  { key: 'name', title: 'Release', width: 'minmax(6.5rem, min(28rem, 35%))', cell: (row) => <Link to="/releases/$name" params={{ name: row.name }} className="plain"><b>{row.name}</b></Link> },
  { key: 'status', title: 'State', width: '8.75rem', cell: (row) => <State value={row.status} {...(row.reason ? { title: row.reason } : {})} /> },
  { key: 'kind', title: 'Kind', width: '7rem', cell: (row) => (row.kind === 'set' ? `set of ${Object.keys(row.components).length}` : 'component'), wide: true },
  { key: 'files', title: 'Files', width: '9rem', cell: (row) => (row.prunedAt ? 'removed' : `${row.files.length}, ${bytes(row.files.reduce((sum, file) => sum + file.size, 0))}`), wide: true },
  { key: 'published', title: 'Published', width: '6.75rem', cell: (row) => <Ago at={row.publishedAt} />, wide: true },
  { key: 'by', title: 'By', width: 'minmax(6rem, 1fr)', cell: (row) => <span title={row.publishedBy}>{called(row.publishedBy)}</span>, wide: true },
];

export default function Releases() {
  const { component, status } = route.useSearch();
  const navigate = useNavigate({ from: '/releases' });
  const list = usePages<Release>(['releases'], '/api/v1/releases', { component, status, limit: 200 }, 30_000);
  const change = (part: { component?: string; status?: string }) =>
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value)), replace: true });
  const typed = useDebouncedCallback((wanted: string) => change({ component: wanted }), 350);
  return (
    <Page title="Releases" note="signed where they are made; the server cannot make or change one">
      <Metadata />
      <Group gap="xs" align="flex-end">
        <TextInput data-search label="Component" placeholder="any" defaultValue={component ?? ''} onChange={(event) => typed(event.currentTarget.value.trim())} />
        <Select label="State" placeholder="any" clearable data={['published', 'quarantined']} value={status ?? null} onChange={(wanted) => change({ status: wanted ?? '' })} w={150} />
      </Group>
      {list.error ? (
        <Problem what="The releases cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading releases…" />
      ) : list.rows.length === 0 ? (
        <Card>
          {component || status ? <Empty title="No release matches">Change the fields above.</Empty> : (
            <Empty title="There is no release yet" command="muster release create app@1.0.0 --artifact app.tar.gz">Make one where your keys are, sign it and publish it: muster release create, sign, publish.</Empty>
          )}
        </Card>
      ) : (
        <DataTable label="releases" columns={COLUMNS} rows={list.rows} rowKey={(row) => row.name} onOpen={(row) => void navigate({ to: '/releases/$name', params: { name: row.name } })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command={line('muster', 'release', 'list', ...(component ? ['--component', component] : []), ...(status ? ['--status', status] : []))} />
    </Page>
  );
}

const SOON = 14 * 86_400_000;
/** Signed anew by the server itself, long before they end. */
const SERVERS_OWN = new Set(['timestamp', 'snapshot']);

/** Whose word assets trust, by role: version and end of the signed metadata. */
function Metadata() {
  const state = useQuery({ queryKey: ['releases', 'metadata'], queryFn: () => data(api.GET('/api/v1/tuf')), refetchInterval: 60_000 });
  if (state.error) return <Problem what="The signed metadata cannot be told" error={state.error} />;
  if (state.data === undefined) return null;
  if (state.data.roles.length === 0) {
    return <Card><Text size="sm" c="dimmed">No keys are known here yet. An administrator says once who may sign:</Text><CommandLine command="muster release keys init" /></Card>;
  }
  return (
    <Card>
      <Group gap="lg">
        {state.data.roles.map((role) => {
          const left = new Date(role.expires).getTime() - Date.now();
          return (
            <div key={role.role}>
              <Text size="xs" c="dimmed">{role.role}</Text>
              <Text size="sm">
                version {role.version}, {left < 0 ? 'ended' : 'ends'} <Ago at={role.expires} />{' '}
                {!SERVERS_OWN.has(role.role) && left < SOON && <Badge size="sm" radius="sm" tt="none" color={left < 0 ? 'red' : 'orange'} variant="light">{left < 0 ? 'assets trust it no more' : 'sign again soon'}</Badge>}
              </Text>
            </div>
          );
        })}
      </Group>
      {state.data.rootSha256 && <Text size="xs" c="dimmed" mt="xs" style={{ overflowWrap: 'anywhere' }}>first root, pinned by assets: <span style={{ fontFamily: 'var(--mantine-font-family-monospace)' }}>{state.data.rootSha256}</span></Text>}
    </Card>
  );
}
