import { Button, Card, Group, SegmentedControl, Text, Tooltip } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago, inOurTime } from '../../ui/time';
import { called } from '../../ui/words';
import { StageBar } from './StageBar';
import { rolloutOf, type Rollout } from './rollout';

const route = getRouteApi('/rollouts');

const COLUMNS: Column<Rollout>[] = [
  { key: 'name', title: 'Rollout', width: 'minmax(8.25rem, min(18rem, 14%))', cell: (row) => <Link to="/rollouts/$name" params={{ name: row.name }} className="plain"><b>{row.name}</b></Link> },
  { key: 'phase', title: 'State', width: '8rem', cell: (row) => <State value={row.status.phase} title={row.status.why} /> },
  { key: 'release', title: 'Brings', width: 'minmax(9rem, min(20rem, 18.5%))', cell: (row) => <Brings rollout={row} />, wide: true },
  {
    key: 'progress',
    title: 'Progress',
    width: 'minmax(7rem, min(22rem, 17%))',
    cell: (row) => row.status.phase === 'draft' ? <Text span size="xs" c="dimmed">not started</Text> : (
      <Group gap="xs" wrap="nowrap">
        <StageBar counts={row.status.counts} targets={row.status.targets} size="sm" />
        <Text size="xs" c="dimmed" className="num" visibleFrom="sm">{(row.status.counts.succeeded ?? 0).toLocaleString()} of {row.status.targets.toLocaleString()}</Text>
      </Group>
    ),
    wide: true,
  },
  { key: 'wave', title: 'Wave', width: 'minmax(5rem, min(10rem, 8%))', cell: (row) => row.status.wave ?? '–', wide: true },
  { key: 'why', title: 'Why', width: 'minmax(8rem, 2fr)', cell: (row) => <span title={row.status.why}>{called(inOurTime(row.status.why))}</span>, wide: true },
  { key: 'since', title: 'Since', width: '6.5rem', cell: (row) => <Ago at={row.status.since} />, wide: true },
];

export function Brings({ rollout }: { rollout: Rollout }) {
  const { release, configuration } = rollout.spec.change;
  return <span title={rollout.status.change}>{release ? `${release.component} ${release.version}` : configuration ? `configuration ${configuration.name}` : '–'}</span>;
}

function New({ lacks }: { lacks: string | undefined }) {
  return (
    <Tooltip label={lacks} disabled={lacks === undefined}>
      {lacks === undefined ? <Button renderRoot={(props) => <Link to="/new/rollout" {...props} />} leftSection={<IconPlus size={16} />}>New rollout</Button> : <Button disabled leftSection={<IconPlus size={16} />}>New rollout</Button>}
    </Tooltip>
  );
}

export default function Rollouts() {
  const lacks = useMay('rollout');
  const live = route.useSearch().show === 'live';
  const navigate = useNavigate({ from: '/rollouts' });
  const list = usePages<Schemas['DeclaredObject']>(['rollouts'], '/api/v1/rollouts', { live: live ? 'true' : undefined, limit: 100 }, 5_000);
  return (
    <Page
      title="Rollouts"
      note="a release or a configuration for a selection of assets, in waves, and back again when it is bad"
      actions={
        <>
          <SegmentedControl
            aria-label="shown"
            data={[{ value: 'all', label: 'All' }, { value: 'live', label: 'Under way' }]}
            value={live ? 'live' : 'all'}
            onChange={(value) => void navigate({ search: value === 'live' ? { show: 'live' } : {}, replace: true })}
          />
          <New lacks={lacks} />
        </>
      }
    >
      {list.error ? (
        <Problem what="The rollouts cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading rollouts…" />
      ) : list.rows.length === 0 ? (
        <Card>
          {live ? <Empty title="No rollout is under way">Drafts and ended ones are among all.</Empty> : (
            <Empty title="There is no rollout yet" command="muster apply -f rollout.yaml">Write one step by step with New rollout, or as YAML: which release or configuration, for which assets, in which waves. It is a draft until it is started.</Empty>
          )}
        </Card>
      ) : (
        <DataTable label="rollouts" columns={COLUMNS} rows={list.rows.map(rolloutOf)} rowKey={(row) => row.name} onOpen={(row) => void navigate({ to: '/rollouts/$name', params: { name: row.name } })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command="muster get rollouts" />
    </Page>
  );
}
