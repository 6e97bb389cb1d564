import { Button, Card, Drawer, Group, Select, Stack, Table, Text, Tooltip } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { useMay } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago, absolute } from '../../ui/time';
import { REASONS, STAGES, isLive, type Rollout } from './rollout';
import { whyText } from './standing';

type Target = Schemas['RolloutTarget'];
const route = getRouteApi('/rollouts/$name');

const COLUMNS: Column<Target>[] = [
  { key: 'asset', title: 'Asset', width: 'minmax(8rem, 1.5fr)', cell: (row) => <LinkText to="/assets/$id" params={{ id: row.asset }} search={{ tab: 'twin' }} size="sm">{row.asset}</LinkText> },
  { key: 'stage', title: 'Stage', width: '10rem', cell: (row) => <State value={row.stage} /> },
  { key: 'why', title: 'Why', width: 'minmax(10rem, 3fr)', cell: (row) => <span title={row.detail}>{why(row)}</span>, wide: true },
  { key: 'since', title: 'Since', width: '6.5rem', cell: (row) => <Ago at={row.since} />, wide: true },
  { key: 'wave', title: 'Wave', width: 'minmax(5rem, 1fr)', cell: (row) => row.wave, wide: true },
  { key: 'previous', title: 'Ran before', width: 'minmax(8.5rem, 1fr)', cell: (row) => row.previous ?? '–', wide: true },
  { key: 'attempt', title: 'Orders', width: '5rem', numeric: true, cell: (row) => row.attempt, wide: true },
];

function why(target: { reason?: string; detail?: string }): string {
  return [target.reason && (REASONS[target.reason] ?? target.reason), target.detail].filter(Boolean).join(': ');
}

/** Who is where in the rollout, and what each went through. */
export function Targets({ rollout }: { rollout: Rollout }) {
  const { stage, reason, wave, asset } = route.useSearch();
  const navigate = useNavigate({ from: '/rollouts/$name' });
  const change = (part: { stage?: string; reason?: string; wave?: string; asset?: string }) =>
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part, tab: 'targets' }).filter(([, value]) => value)), replace: true });
  const list = usePages<Target>(['rollouts', rollout.name, 'targets'], `/api/v1/rollouts/${encodeURIComponent(rollout.name)}/targets`, { stage, reason, wave, limit: 200 }, isLive(rollout.status.phase) ? 5_000 : false);
  return (
    <Stack gap="sm">
      <Group gap="xs" align="flex-end">
        <Select label="Stage" placeholder="any" clearable searchable data={STAGES.map((value) => ({ value, label: value.replaceAll('_', ' ') }))} value={stage ?? null} onChange={(wanted) => change({ stage: wanted ?? '' })} w={170} />
        <Select label="Why" placeholder="any" clearable searchable data={Object.entries(REASONS).map(([value, label]) => ({ value, label }))} value={reason ?? null} onChange={(wanted) => change({ reason: wanted ?? '' })} w={260} />
        <Select label="Wave" placeholder="any" clearable data={rollout.status.waves.map((each) => each.name)} value={wave ?? null} onChange={(wanted) => change({ wave: wanted ?? '' })} w={150} />
      </Group>
      {list.error ? (
        <Problem what="The targets cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading targets…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="No target matches">{stage || reason || wave ? 'Change the fields above.' : 'None of its targets is in your scope.'}</Empty></Card>
      ) : (
        <DataTable label="targets" columns={COLUMNS} rows={list.rows} rowKey={(row) => String(row.order)} onOpen={(row) => change({ asset: row.asset })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command={line('muster', 'rollout', 'targets', rollout.name, ...(stage ? ['--stage', stage] : []), ...(reason ? ['--reason', reason] : []), ...(wave ? ['--wave', wave] : []))} />
      <Drawer opened={asset !== undefined} onClose={() => change({ asset: '' })} position="right" size="lg" title={`${asset} in ${rollout.name}`}>
        {asset !== undefined && <Steps rollout={rollout} asset={asset} />}
      </Drawer>
    </Stack>
  );
}

/** Every step that a target took, the newest first. */
function Steps({ rollout, asset }: { rollout: Rollout; asset: string }) {
  const answer = useQuery({
    queryKey: ['rollouts', rollout.name, 'targets', asset],
    queryFn: () => data(api.GET('/api/v1/rollouts/{name}/targets/{asset}', { params: { path: { name: rollout.name, asset } } })),
    refetchInterval: 5_000,
    retry: false,
  });
  if (answer.error instanceof ProblemError && answer.error.status === 404) return <NoTarget rollout={rollout} asset={asset} said={answer.error.message} />;
  if (answer.error) return <Problem what="Its steps cannot be shown" error={answer.error} />;
  if (!answer.data) return <Loading what="loading its steps…" />;
  const { target, steps } = answer.data;
  return (
    <Stack gap="md">
      <Group gap="xs"><State value={target.stage} /><Text size="sm" c="dimmed">since <Ago at={target.since} /></Text></Group>
      <Stack gap={4} role="status">{whyText(rollout, target).map((each) => <Text key={each} size="sm">{each}</Text>)}</Stack>
      <OnlyThis rollout={rollout} target={target} />
      <Text size="sm" c="dimmed">
        <LinkText to="/assets/$id" params={{ id: target.asset }} search={{ tab: 'twin' }} size="sm">{target.asset}</LinkText>, wave {target.wave}, ran {target.previous ?? 'nothing that it told'} before; {target.attempt} {target.attempt === 1 ? 'order' : 'orders'}
      </Text>
      <Table>
        <Table.Tbody>
          {steps.map((step, index) => (
            <Table.Tr key={`${step.at}${index}`}>
              <Table.Td w="1%" c="dimmed" style={{ whiteSpace: 'nowrap' }}>{absolute(step.at)}</Table.Td>
              <Table.Td><State value={step.stage} />{why(step) !== '' && <Text size="xs" c="dimmed">{why(step)}</Text>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <CommandLine label="same by command" command={`muster explain rollout ${rollout.name} --asset ${asset}`} />
    </Stack>
  );
}

/** What the plan says of an asset that is no target: what it would be if the rollout started now. */
function NoTarget({ rollout, asset, said }: { rollout: Rollout; asset: string; said: string }) {
  const { selector } = rollout.spec;
  const one = `asset.id == '${asset.replaceAll("'", '')}'`;
  const plan = useQuery({
    queryKey: ['rollouts', rollout.name, 'plan of', asset],
    queryFn: async () => (await (await raw('POST', '/api/v1/rollouts/plan?examples=1', { name: rollout.name, spec: { ...rollout.spec, selector: selector === undefined ? one : `(${selector}) && ${one}` } })).json()) as Schemas['RolloutPlan'],
    retry: false,
  });
  const left = plan.data?.leftOut[0];
  const now = plan.data === undefined ? undefined : plan.data.selected === 0 ? 'Its selector does not select it now.' : left ? `It would be left out now: ${REASONS[left.reason] ?? left.reason.replaceAll('_', ' ')}${left.assets[asset] ? `: ${left.assets[asset]}` : ''}.` : 'It would be a target now; it was none when the rollout started, and has not joined it.';
  return (
    <Stack gap="sm">
      <Text size="sm">{said}</Text>
      {now !== undefined && <Text size="sm" role="status">{now}</Text>}
      {plan.isPending && <Loading what="asking why…" />}
      {plan.error && <Text size="sm" role="status">Nobody would be a target now: {plan.error.message}</Text>}
      <CommandLine label="same by command" command={`muster explain rollout ${rollout.name} --asset ${asset}`} />
    </Stack>
  );
}

const AGAIN = new Set(['failed', 'stranded', 'bricked', 'unreachable', 'indeterminate', 'rollback_failed']);

/** What may be done with one target alone. */
function OnlyThis({ rollout, target }: { rollout: Rollout; target: Target }) {
  const lacks = useMay('rollout');
  const queries = useQueryClient();
  const [asked, setAsked] = useState<'exclude' | 'retry'>();
  const { phase } = rollout.status;
  const excludes = (phase === 'running' || phase === 'paused') && !['excluded', 'succeeded'].includes(target.stage) && !AGAIN.has(target.stage);
  const retries = AGAIN.has(target.stage) && ['completed', 'rolled_back', 'running', 'paused'].includes(phase);
  if (!excludes && !retries) return null;
  const open = (act: 'exclude' | 'retry', title: string) => (
    <Tooltip label={lacks} disabled={lacks === undefined}><Button size="compact-sm" variant="light" color={act === 'exclude' ? 'red' : 'cyan'} disabled={lacks !== undefined} onClick={() => setAsked(act)}>{title}</Button></Tooltip>
  );
  return (
    <Group gap="xs">
      {excludes && open('exclude', 'Take it out…')}
      {retries && open('retry', 'Try it once more…')}
      {asked && (
        <Confirm
          verb={asked === 'exclude' ? 'Take out' : 'Try once more'}
          name={target.asset}
          reasoned
          harmless={asked === 'retry'}
          consequence={asked === 'exclude' ? <><b>1 of {rollout.status.targets.toLocaleString()} assets gets no order of this rollout any more.</b> What it has begun is watched to its end; the others go on.</> : <><b>1 asset gets another order.</b> The others are not touched.</>}
          act={async (reason) => {
            await raw('POST', `/api/v1/rollouts/${encodeURIComponent(rollout.name)}/${asked}`, { reason, assets: [target.asset] });
            await queries.invalidateQueries({ queryKey: ['rollouts'] });
          }}
          onClose={() => setAsked(undefined)}
          command={(reason) => line('muster', 'rollout', asked, rollout.name, '--asset', target.asset, '--reason', reason === '' ? 'REASON' : reason)}
        />
      )}
    </Group>
  );
}
