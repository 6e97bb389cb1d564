import { Card, Text } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { usePages } from '../../api/hooks';
import { Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago, span } from '../../ui/time';
import type { Run } from './runbook';

const COLUMNS: Column<Run>[] = [
  { key: 'runbook', title: 'Runbook', width: 'minmax(9rem, 1.4fr)', cell: (row) => <Link to="/runbooks/runs/$id" params={{ id: row.id }} className="plain"><b>{row.runbook}</b></Link> },
  { key: 'phase', title: 'State', width: '8.5rem', cell: (row) => <State value={row.phase} /> },
  { key: 'step', title: 'At', width: 'minmax(6rem, 0.8fr)', cell: (row) => row.step ?? '–', wide: true },
  { key: 'targets', title: 'Assets', width: 'minmax(7rem, 1.2fr)', cell: (row) => <span title={row.targets.join(', ')}>{row.targets.length === 0 ? 'none' : row.targets.length === 1 ? row.targets[0] : `${row.targets[0]} and ${(row.targets.length - 1).toLocaleString()} more`}</span>, wide: true },
  { key: 'by', title: 'Started by', width: 'minmax(8rem, 1.1fr)', cell: (row) => <span title={`${row.trigger}, ${row.startedBy}`}>{row.trigger === 'manual' ? row.startedBy : row.trigger}</span>, wide: true },
  { key: 'incident', title: 'Incident', width: '5.5rem', cell: (row) => (row.incident ? <LinkText to="/incidents/$number" params={{ number: row.incident.replace('INC-', '') }} size="sm">{row.incident}</LinkText> : '–'), wide: true },
  { key: 'started', title: 'Started', width: '6.5rem', cell: (row) => <Ago at={row.startedAt} />, wide: true },
  { key: 'took', title: 'Took', width: '5rem', numeric: true, cell: (row) => (row.endedAt ? span((new Date(row.endedAt).getTime() - new Date(row.startedAt).getTime()) / 1000) : '–'), wide: true },
  { key: 'reason', title: 'Why', width: 'minmax(8rem, 2fr)', cell: (row) => <Text span inherit c="dimmed" title={row.reason}>{row.reason || '–'}</Text>, wide: true },
];

/** Runs of runbooks, the newest first. */
export function RunTable({ query, filtered }: { query: { runbook?: string | undefined; incident?: string | undefined; state?: string | undefined }; filtered: boolean }) {
  const navigate = useNavigate();
  const runs = usePages<Run>(['runbook-runs', 'list'], '/api/v1/runbook-runs', { ...query, limit: 100 }, 10_000);
  if (runs.error) return <Problem what="The runs cannot be shown" error={runs.error} retry={() => void runs.refetch()} />;
  if (runs.isPending) return <Loading what="loading runs…" />;
  if (runs.rows.length === 0) {
    return <Card>{filtered ? <Empty title="No run is so">Choose another state, or all.</Empty> : <Empty title="None ran yet" command="muster runbook plan NAME --label asset=ID">One begins by itself when its trigger matches an alert, or by hand. What it would do to whom says its plan, which touches nothing:</Empty>}</Card>;
  }
  return <DataTable label="runs" columns={COLUMNS} rows={runs.rows} rowKey={(row) => row.id} onOpen={(row) => void navigate({ to: '/runbooks/runs/$id', params: { id: row.id } })} more={() => void runs.fetchNextPage()} hasMore={runs.hasNextPage} busy={runs.isFetchingNextPage} />;
}
