import { Card, Group, SegmentedControl, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { about, alertOf, heldBy, type Alert } from './alert';

const route = getRouteApi('/alerts');

const COLUMNS: Column<Alert>[] = [
  { key: 'name', title: 'Alert', width: 'minmax(9rem, min(14rem, 16%))', cell: (row) => <Link to="/alerts/$fingerprint" params={{ fingerprint: row.fingerprint }} className="plain"><b>{row.name}</b></Link> },
  { key: 'severity', title: 'Severity', width: '6rem', cell: (row) => <State value={row.severity} /> },
  { key: 'state', title: 'State', width: 'clamp(7rem, 9vw, 7.75rem)', cell: (row) => <Standing alert={row} />, wide: true },
  { key: 'about', title: 'About', width: 'minmax(7rem, min(16rem, 18%))', cell: (row) => <span title={about(row)}>{about(row)}</span>, wide: true },
  { key: 'summary', title: 'Summary', width: 'minmax(9rem, 2.4fr)', cell: (row) => <span title={row.summary}>{row.summary}</span>, wide: true },
  { key: 'since', title: 'Since', width: '6.75rem', cell: (row) => <Ago at={row.since} />, wide: true },
  { key: 'owner', title: 'Owner', width: 'minmax(10.5rem, 0.4fr)', cell: (row) => row.labels.owner ?? '–', wide: true, roomy: true },
  { key: 'by', title: 'Acknowledged by', width: 'minmax(9.25rem, 0.5fr)', cell: (row) => <LookedAfter alert={row} />, wide: true },
];

/** Its state; unknown where what found it cannot tell any more. */
function Standing({ alert }: { alert: Alert }) {
  if (alert.state === 'firing' && alert.unknownSince) return <State value="unknown" title="it fired, and its source cannot tell any more" />;
  return <State value={alert.state} {...(alert.flapping && { title: 'it flaps: over only after a calm of 20 minutes' })} />;
}

function LookedAfter({ alert }: { alert: Alert }) {
  if (alert.acknowledgement) return <span title={alert.acknowledgement.note}>{alert.acknowledgement.by}</span>;
  const held = heldBy(alert);
  return <Text span inherit c="dimmed">{held ?? (alert.state === 'firing' ? 'nobody' : '–')}</Text>;
}

const STATES = [{ value: 'firing', label: 'Firing' }, { value: 'pending', label: 'Pending' }, { value: 'resolved', label: 'Over' }, { value: 'all', label: 'All' }];

export default function Alerts() {
  const { state = 'firing', severity, asset, source } = route.useSearch();
  const navigate = useNavigate({ from: '/alerts' });
  const change = (part: { state?: string; severity?: string; asset?: string; source?: string }) =>
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value)), replace: true });
  const list = usePages<Schemas['Alert']>(['alerts'], '/api/v1/alerts', { state, severity, asset, source, limit: 100 }, 10_000);
  const typed = useDebouncedCallback((wanted: string) => change({ asset: wanted }), 350);
  const filtered = severity !== undefined || asset !== undefined || source !== undefined;
  return (
    <Page
      title="Alerts"
      note="what is wrong now, at its common cause, and who looks after it"
      actions={<SegmentedControl aria-label="state" data={STATES} value={state} onChange={(value) => change({ state: value === 'firing' ? '' : value })} />}
    >
      <Group gap="xs" align="flex-end">
        <Select label="Severity" placeholder="any" clearable data={['page', 'ticket', 'info']} value={severity ?? null} onChange={(wanted) => change({ severity: wanted ?? '' })} w={130} />
        <TextInput data-search label="Asset" placeholder="its id" defaultValue={asset ?? ''} onChange={(event) => typed(event.currentTarget.value.trim())} w={180} />
        {source !== undefined && <TextInput label="Source" readOnly value={source} w={200} rightSectionPointerEvents="all" rightSection={<LinkText to="/alerts" search={({ source: _, ...before }: { source?: string }) => before} size="xs" aria-label="of every source">all</LinkText>} />}
      </Group>
      {list.error ? (
        <Problem what="The alerts cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading alerts…" />
      ) : list.rows.length === 0 ? (
        <Card>
          {filtered ? <Empty title="No alert matches">Change the fields above, or look at all states.</Empty> : state === 'all' ? (
            <Empty title="There was no alert yet">What is found to be wrong by a rule, an objective or another monitoring system comes here. What is looked at stands below.</Empty>
          ) : (
            <Empty title={state === 'firing' ? 'No alert fires' : state === 'pending' ? 'No alert is about to fire' : 'No alert is over'}>
              {state === 'firing' ? 'That says something only of what the rules look at, and of assets with fresh data.' : 'Choose another state above.'}
            </Empty>
          )}
        </Card>
      ) : (
        <DataTable label="alerts" columns={COLUMNS} rows={list.rows.map(alertOf)} rowKey={(row) => row.fingerprint} onOpen={(row) => void navigate({ to: '/alerts/$fingerprint', params: { fingerprint: row.fingerprint } })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command={line('muster', 'alert', 'list', ...(state === 'firing' ? [] : ['--state', state]), ...(severity ? ['--severity', severity] : []), ...(asset ? ['--asset', asset] : []))} />
      <Rules />
    </Page>
  );
}

/** An empty list of alerts means little without what is looked at. */
function Rules() {
  return (
    <Text size="sm" c="dimmed">
      Looked at is what the <LinkText to="/alert-rules" size="sm" underline="always">rules</LinkText> and the <LinkText to="/slos" size="sm" underline="always">objectives</LinkText> ask for, and always: a rollout whose gate failed, an asset that did not come back from an update, refused credentials. Who is told says the <LinkText to="/routing" size="sm" underline="always">routing</LinkText>; what nobody is told of, the <LinkText to="/silences" size="sm" underline="always">silences</LinkText>.
    </Text>
  );
}
