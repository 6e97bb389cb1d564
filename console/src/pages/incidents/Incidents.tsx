import { Card, SegmentedControl } from '@mantine/core';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago, inOurTime, span } from '../../ui/time';
import { openFirst, type Incident } from './incident';

const route = getRouteApi('/incidents');

const COLUMNS: Column<Incident>[] = [
  { key: 'name', title: 'Incident', width: '5rem', cell: (row) => <Link to="/incidents/$number" params={{ number: String(row.number) }} className="plain"><b>{row.name}</b></Link> },
  { key: 'state', title: 'State', width: '9.25rem', cell: (row) => <Standing incident={row} />, wide: true },
  { key: 'severity', title: 'Severity', width: '6.5rem', cell: (row) => <State value={row.severity} />, wide: true },
  { key: 'title', title: 'What', width: 'minmax(9rem, 2.2fr)', cell: (row) => <span title={inOurTime(row.title)}>{inOurTime(row.title)}</span> },
  { key: 'cause', title: 'Probable cause', width: 'minmax(9rem, 16.5%)', cell: (row) => <Cause incident={row} />, wide: true },
  { key: 'assets', title: 'Assets', width: '5.5rem', numeric: true, cell: (row) => row.assets.toLocaleString(), wide: true },
  { key: 'owner', title: 'Owner', width: 'minmax(5rem, 0.4fr)', cell: (row) => row.owner || 'nobody', wide: true },
  { key: 'since', title: 'First sign', width: '6.5rem', cell: (row) => <Ago at={row.evidenceAt} />, wide: true },
  { key: 'close', title: 'To close', width: '5.5rem', numeric: true, cell: (row) => (row.secondsToClose === undefined ? '–' : span(row.secondsToClose)), wide: true },
];

/** An open one looks as what nobody looks after. */
export function Standing({ incident }: { incident: Pick<Incident, 'state'> }) {
  return <State value={incident.state} as={incident.state === 'open' ? 'firing' : undefined} />;
}

function Cause({ incident }: { incident: Incident }) {
  const [first] = incident.causes;
  return first ? <span title={first.reason}>{first.kind} {first.value}</span> : <>–</>;
}

export default function Incidents() {
  const { show = 'all' } = route.useSearch();
  const navigate = useNavigate({ from: '/incidents' });
  const open = usePages<Incident>(['incidents', 'open'], '/api/v1/incidents', { state: show === 'resolved' ? 'resolved' : 'open', limit: 100 }, 10_000);
  // Those that are over come after the last that is open.
  const over = usePages<Incident>(['incidents', 'over'], '/api/v1/incidents', { state: 'resolved', limit: 100 }, 30_000);
  const both = show === 'all';
  const rows = openFirst(both && !open.hasNextPage ? [...open.rows, ...over.rows.filter(({ name }) => !open.rows.some((each) => each.name === name))] : open.rows);
  const next = both && !open.hasNextPage ? over : open;
  const error = open.error ?? (both ? over.error : null);
  return (
    <Page
      title="Incidents"
      note="what is wrong, who looks after it, and how long it takes; open ones first"
      actions={
        <SegmentedControl
          aria-label="shown"
          data={[{ value: 'all', label: 'All' }, { value: 'open', label: 'Open' }, { value: 'resolved', label: 'Resolved' }]}
          value={show}
          onChange={(value) => void navigate({ search: value === 'all' ? {} : { show: value }, replace: true })}
        />
      }
    >
      {error ? (
        <Problem what="The incidents cannot be shown" error={error} retry={() => void Promise.all([open.refetch(), over.refetch()])} />
      ) : open.isPending || (both && over.isPending) ? (
        <Loading what="loading incidents…" />
      ) : rows.length === 0 ? (
        <Card>
          {show === 'open' ? <Empty title="No incident is open">Those that are over are among all.</Empty> : show === 'resolved' ? <Empty title="None was closed yet" /> : (
            <Empty title="There was no incident yet" command={"muster incident open 'Hall 3 is dark' --selector \"asset.site == 'hall-3'\""}>An alert of severity page opens one, or joins an open one with the same probable cause. You can open one by hand:</Empty>
          )}
        </Card>
      ) : (
        <DataTable label="incidents" columns={COLUMNS} rows={rows} rowKey={(row) => row.name} onOpen={(row) => void navigate({ to: '/incidents/$number', params: { number: String(row.number) } })} more={() => void next.fetchNextPage()} hasMore={next.hasNextPage} busy={next.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command="muster get incidents" />
    </Page>
  );
}
