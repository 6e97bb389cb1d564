import { Card, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { unlessTold } from '../../api/stream';
import { Page } from '../../shell/Page';
import { CopyAs } from '../../ui/copyas';
import { Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { alertOf } from '../alerts/alert';
import { StageBar } from '../rollouts/StageBar';
import { rolloutOf, type Rollout } from '../rollouts/rollout';
import { firingAlerts, liveRollouts, openIncidents } from './asked';
import { Categories, useFailing } from './Failing';
import { FleetGraph, WINDOWS } from './FleetGraph';
import { Needs } from './Needs';
import { needsOf } from './needs';
import classes from './oncall.module.css';

const route = getRouteApi('/on-call');

const TOP = 10;

/** What needs whoever is on call, what fails, and what was changed before it did. */
export default function OnCall() {
  const search = route.useSearch();
  const window = WINDOWS.find((known) => known === search.range) ?? '6h';
  const navigate = useNavigate({ from: '/on-call' });
  const change = (part: { range?: string | undefined; at?: string | undefined }) => void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value !== undefined)), replace: true });
  const incidents = useQuery({ ...openIncidents, refetchInterval: unlessTold(10_000) });
  const alerts = useQuery({ ...firingAlerts, refetchInterval: unlessTold(10_000) });
  const rollouts = useQuery({ ...liveRollouts, refetchInterval: 15_000 });
  const error = incidents.error ?? alerts.error ?? rollouts.error;
  const live = rollouts.data?.items.map(rolloutOf) ?? [];
  const known = incidents.data !== undefined && alerts.data !== undefined && rollouts.data !== undefined;
  return (
    <Page whole title="On call" note="what needs somebody now, what fails, and what was changed before it did" actions={<CopyAs path={`/api/v1/failing-assets?window=${window}`} command={`muster fleet failing --window ${window}`} />}>
      {error && <Problem what="What needs somebody cannot be told in full" error={error} retry={() => void Promise.all([incidents.refetch(), alerts.refetch(), rollouts.refetch()])} />}
      {known ? (
        <Needs
          needs={needsOf(incidents.data.items, alerts.data.items.map(alertOf), live)}
          at={search.at}
          onAt={(at) => change({ at })}
          more={[incidents.data, alerts.data].some((page) => (page.continue ?? '') !== '')}
        />
      ) : (
        !error && <Loading what="asking what needs somebody…" />
      )}
      <FleetGraph window={window} onWindow={(wanted) => change({ range: wanted === '6h' ? undefined : wanted })} />
      <div className={classes.halves}>
        <Failing window={window} />
        <Changing rollouts={live} known={rollouts.data !== undefined} />
      </div>
    </Page>
  );
}

function Failing({ window }: { window: string }) {
  const answer = useFailing(window, TOP);
  return (
    <Card>
      <Title order={2} mb={2}>Assets that fail most</Title>
      <Text size="xs" c="dimmed" mb="sm">{answer.data === undefined ? (answer.error ? 'unknown' : 'counting…') : answer.data.failing === 0 ? `none in ${window}` : `the worst ${answer.data.assets.length} of ${answer.data.failing.toLocaleString()} with any failure in ${window}; pages first, then by number`}</Text>
      {answer.error && <Problem what="The failing assets cannot be shown" error={answer.error} />}
      {answer.data?.assets.length === 0 && <Text size="sm" c="dimmed">No command and no rollout failed, no alert fires about an asset, none lost its connection, no configuration stalled.</Text>}
      <Stack gap={10}>
        {answer.data?.assets.map((asset, index) => (
          <div key={asset.asset} className={classes.failing}>
            <Text size="sm" c="dimmed" className="num">{index + 1}</Text>
            <div style={{ minWidth: 0 }}>
              <Group gap="xs">
                <LinkText to="/assets/$id" params={{ id: asset.asset }} size="sm" fw={600}>{asset.asset}</LinkText>
                <Text size="xs" c="dimmed">{[asset.type, asset.region].filter((part) => part !== '').join(', ')}</Text>
              </Group>
              <Categories of={asset} />
            </div>
            <Stack gap={2} className={classes.standing ?? ''}>
              <Group gap={6} wrap="nowrap" style={{ flexShrink: 0 }}>{asset.pages > 0 && <State value="page" title={`${asset.pages} alerts about it that fire and page`} />}<State value={asset.presence} /></Group>
              <Text size="xs" c="dimmed"><span className="num">{asset.failures.toLocaleString()}</span>, last <Ago at={asset.newest} /></Text>
            </Stack>
          </div>
        ))}
      </Stack>
    </Card>
  );
}

/** Rollouts with the wave that stands first in line: a canary is a wave as any other, only smaller. */
function Changing({ rollouts, known }: { rollouts: Rollout[]; known: boolean }) {
  return (
    <Card>
      <Group justify="space-between" mb="sm"><Title order={2}>Rollouts and their waves</Title><LinkText to="/rollouts" size="xs">all</LinkText></Group>
      {known && rollouts.length === 0 && <Text size="sm" c="dimmed">None is under way: nothing is being changed.</Text>}
      <Stack gap="md">
        {rollouts.map(({ name, status }) => (
          <div key={name}>
            <Group justify="space-between" wrap="nowrap" gap="sm" mb={4}>
              <LinkText to="/rollouts/$name" params={{ name }} size="sm" fw={600} truncate title={status.change}>{name}</LinkText>
              <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>
                <Text size="xs" c="dimmed" className="num" style={{ whiteSpace: 'nowrap' }}>{(status.counts.succeeded ?? 0).toLocaleString()} of {status.targets.toLocaleString()}</Text>
                <State value={status.phase} title={status.why} />
              </Group>
            </Group>
            <StageBar counts={status.counts} targets={status.targets} size="sm" />
            {status.why !== '' && <Text size="xs" c="dimmed" mt={3}>{status.why}</Text>}
            <Stack gap={3} mt={6}>
              {status.waves.map((wave) => (
                <Group key={wave.name} gap="sm" wrap="nowrap">
                  <LinkText to="/rollouts/$name" params={{ name }} search={{ tab: 'targets', wave: wave.name }} size="xs" w={90} truncate>{wave.name}</LinkText>
                  <div style={{ flex: 1 }}><StageBar counts={wave.counts} targets={wave.targets} size="xs" /></div>
                  <Text size="xs" c="dimmed" className="num" w={140} ta="right">{failedOf(wave.counts) > 0 && <Text span inherit style={{ color: 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-3))' }}>{failedOf(wave.counts)} failed, </Text>}{(wave.counts.succeeded ?? 0).toLocaleString()} of {wave.targets.toLocaleString()}</Text>
                  <span style={{ width: 96, textAlign: 'right' }}><State value={wave.state} /></span>
                </Group>
              ))}
            </Stack>
          </div>
        ))}
      </Stack>
    </Card>
  );
}

const FAILED = ['failed', 'stranded', 'bricked', 'recovering', 'returning', 'rollback_failed'];

function failedOf(counts: Record<string, number>): number {
  return FAILED.reduce((sum, stage) => sum + (counts[stage] ?? 0), 0);
}
