import { Alert, Button, Card, Code, Group, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconPlayerPause } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ProblemError, api, data, raw } from '../../api/client';
import { Missing, Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { CopyAs } from '../../ui/copyas';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { TabRow } from '../../ui/tabrow';
import { Ago, Since, inOurTime } from '../../ui/time';
import { called } from '../../ui/words';
import { yaml } from '../../ui/yaml';
import { YamlField } from '../../ui/yamlfield';
import { Categories, Trouble } from './Categories';
import { Conditions, Quarantined } from './Conditions';
import { Decisions } from './Decisions';
import { GateNumbers } from './GateNumbers';
import { Plan } from './Plan';
import { StageBar } from './StageBar';
import { Targets } from './Targets';
import { WhyWaiting } from './WhyWaiting';
import { effectOf } from './new/draft';
import { REASONS, STAGES, actsOf, isLive, rolloutOf, type Act, type Rollout } from './rollout';
import { effectOfAct } from './standing';

const route = getRouteApi('/rollouts/$name');

/** Of the line that says why a rollout stands where it stands. */
function look(phase: string, cause: string | undefined) {
  if (phase === 'completed') return { color: 'teal', icon: <IconCircleCheck /> };
  if (phase === 'paused') return { color: 'orange', icon: <IconPlayerPause /> };
  return { color: cause?.startsWith('gate') || phase.startsWith('roll') ? 'grape' : 'gray', icon: <IconAlertTriangle /> };
}

export default function RolloutPage() {
  const { name } = route.useParams();
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/rollouts/$name' });
  const answer = useQuery({
    queryKey: ['rollouts', name],
    queryFn: () => data(api.GET('/api/v1/rollouts/{name}', { params: { path: { name } } })),
    refetchInterval: (query) => (query.state.data !== undefined && isLive(rolloutOf(query.state.data).status.phase) ? 2_000 : 30_000),
  });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title={`${name} is not a rollout`} command="muster get rollouts">It was deleted, with its history.</Missing>
    ) : (
      <Problem what={`${name} cannot be shown`} error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what={`loading ${name}…`} />;
  const rollout = rolloutOf(answer.data);
  const { status, spec } = rollout;
  const draft = status.phase === 'draft';
  const { release, configuration } = spec.change;
  /** Some say their own command, which takes the place of that of the whole. */
  const tabs: { key: string; title: string; content: ReactNode; own?: boolean }[] = [
    draft ? { key: 'plan', title: 'Plan', content: <Plan name={name} />, own: true } : { key: 'waves', title: 'Waves', content: <Waves rollout={rollout} /> },
    ...(draft ? [] : [{ key: 'reasons', title: 'Reasons', content: <Categories rollout={rollout} />, own: true }, { key: 'decisions', title: 'Decisions', content: <Decisions rollout={rollout} />, own: true }, { key: 'targets', title: 'Targets', content: <Targets rollout={rollout} />, own: true }]),
    { key: 'conditions', title: 'Conditions', content: <Conditions rollout={rollout} /> },
    { key: 'declared', title: 'YAML', content: <Declared rollout={rollout} />, own: true },
  ];
  const chosen = tabs.find((known) => known.key === tab) ?? tabs[0];
  return (
    <Page
      title={name}
      note={<Group gap="xs" mt={4}><State value={status.phase} /><Text size="sm" c="dimmed">for <Since at={status.since} />{status.started ? <>; started <Ago at={status.started} /></> : ''}{status.ended ? <>, ended <Ago at={status.ended} /></> : ''}</Text></Group>}
      actions={<><CopyAs path={`/api/v1/rollouts/${encodeURIComponent(name)}`} yaml={yamlOf(rollout)} command={`muster get rollout ${name} -o yaml`} /><Actions rollout={rollout} /></>}
    >
      {status.why !== '' && (
        <Alert {...look(status.phase, status.cause)} title={status.cause ? PAUSES[status.cause] ?? status.cause.replaceAll('_', ' ') : ENDS[status.phase]}>
          <Text size="sm">{called(inOurTime(status.why))}</Text>
        </Alert>
      )}
      <Trouble rollout={rollout} />
      {release && <Quarantined release={release} />}
      <Card>
        <Stack gap="xs">
          <Text size="sm">
            {release && <>brings <LinkText to="/releases/$name" params={{ name: `${release.component}@${release.version}` }} size="sm" underline="always">{release.component} {release.version}</LinkText> to </>}
            {configuration && <>brings <LinkText to="/configurations/$name" params={{ name: configuration.name }} size="sm" underline="always">{status.change}</LinkText> to {spec.selector === undefined && 'all that it is for'}</>}
            {spec.selector !== undefined && <Code>{spec.selector}</Code>}
          </Text>
          {configuration && <Code block>{yaml(configuration.config)}</Code>}
          {!draft && (
            <Group gap="sm" wrap="nowrap">
              <StageBar counts={status.counts} targets={status.targets} size="lg" />
              <Text size="sm" className="num" style={{ whiteSpace: 'nowrap' }}>{(status.counts.succeeded ?? 0).toLocaleString()} of {status.targets.toLocaleString()}</Text>
            </Group>
          )}
          {isLive(status.phase) && <WhyWaiting rollout={rollout} />}
          {!draft && (isLive(status.phase) || Object.keys(status.leftOut).length > 0) && <Text size="xs" c="dimmed">{isLive(status.phase) && `${status.inFlight.toLocaleString()} under way now`}{Object.keys(status.leftOut).length > 0 && `${isLive(status.phase) ? '; ' : ''}left out at the start: ${Object.entries(status.leftOut).map(([reason, count]) => `${count.toLocaleString()} (${REASONS[reason] ?? reason})`).join(', ')}`}</Text>}
        </Stack>
      </Card>
      <Tabs value={chosen?.key ?? ''} onChange={(next) => void navigate({ search: next === null ? {} : { tab: next }, replace: true })} keepMounted={false}>
        <TabRow chosen={chosen?.key ?? ''}>
          {tabs.map((known) => <Tabs.Tab key={known.key} value={known.key}>{known.title}</Tabs.Tab>)}
        </TabRow>
        {tabs.map((known) => <Tabs.Panel key={known.key} value={known.key} pt="md">{known.content}</Tabs.Panel>)}
      </Tabs>
      {!draft && !chosen?.own && <CommandLine label="same by command" command={`muster rollout watch ${name}`} />}
    </Page>
  );
}

const ENDS: Record<string, string> = {
  rolling_back: 'Everybody goes back to their own version',
  rolled_back: 'Everybody who could is back on their own version',
  aborting: 'It ends where it stands',
};

const PAUSES: Record<string, string> = {
  operator: 'Paused by a person',
  gate_failed: 'Paused: a gate failed',
  gate_inconclusive: 'Paused: too little is known',
  wave: 'The next wave waits for a person',
  deadline: 'Paused: its deadline has passed',
  budget_burning: 'Paused: an error budget burns',
};

function Actions({ rollout }: { rollout: Rollout }) {
  const [asked, setAsked] = useState<Act>();
  const operator = useMay('rollout');
  const admin = useMay('rollout', 'admin');
  const lacks = (act: Act) => (act.admin ? admin : operator);
  return (
    <>
      {actsOf(rollout.status).map((act) => (
        <Button key={act.path} variant={act.path === 'start' ? 'filled' : 'light'} color={act.red ? 'red' : 'cyan'} disabled={lacks(act) !== undefined} title={lacks(act)} onClick={() => setAsked(act)}>{act.title}…</Button>
      ))}
      {rollout.status.phase === 'draft' && (
        <Button variant="default" disabled={operator !== undefined} {...(operator === undefined ? { renderRoot: (props: object) => <Link to="/new/rollout" search={{ from: rollout.name }} {...props} /> } : { title: operator })}>Edit</Button>
      )}
      {asked && <Do rollout={rollout} act={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

/** Says what it does to how many, before it is confirmed by the typed name. */
function Do({ rollout, act, onClose }: { rollout: Rollout; act: Act; onClose: () => void }) {
  const queries = useQueryClient();
  const starts = act.path === 'start' || act.path === 'approve';
  const plan = useQuery({
    queryKey: ['rollouts', rollout.name, 'plan'],
    queryFn: () => data(api.GET('/api/v1/rollouts/{name}/plan', { params: { path: { name: rollout.name }, query: { examples: 12 } } })),
    enabled: starts,
  });
  const effect = starts ? (plan.data ? effectOf(plan.data) : plan.error ? '' : 'Working out whom it concerns…') : effectOfAct(act.path, rollout.status);
  return (
    <Confirm
      verb={act.title}
      name={rollout.name}
      reasoned
      harmless={act.red !== true}
      consequence={<>{effect !== '' && <b>{act.path === 'approve' ? effect.replace(/^Starts updating/, 'When it is started it updates') : effect} </b>}{act.consequence}</>}
      act={async (reason) => {
        await raw('POST', `/api/v1/rollouts/${encodeURIComponent(rollout.name)}/${act.path}`, { reason, ...(act.accept && { accept: true }) });
        await queries.invalidateQueries({ queryKey: ['rollouts'] });
      }}
      onClose={onClose}
      command={(reason) => line('muster', 'rollout', act.path, rollout.name, act.accept ? '--accept' : undefined, '--reason', reason === '' ? 'REASON' : reason)}
    />
  );
}

function Waves({ rollout }: { rollout: Rollout }) {
  return (
    <Stack gap="sm">
      {rollout.status.waves.map((wave, index) => (
        <Card key={wave.name} padding="sm">
          <Group justify="space-between" gap="xs" mb={6}>
            <Group gap="xs">
              <Text fw={600}>{index + 1}. {wave.name}</Text>
              <State value={wave.state} />
              {wave.manual && <Text size="xs" c="dimmed">begins when a person lets it</Text>}
            </Group>
            <Text size="sm" c="dimmed" className="num">{wave.targets.toLocaleString()} {wave.targets === 1 ? 'target' : 'targets'}</Text>
          </Group>
          <StageBar counts={wave.counts} targets={wave.targets} />
          <GateNumbers rollout={rollout} wave={index} />
          <SimpleGrid cols={{ base: 2, xs: 3, sm: 4, lg: 6 }} spacing={4} mt={8}>
            {STAGES.filter((stage) => (wave.counts[stage] ?? 0) > 0).map((stage) => (
              <LinkText key={stage} to="/rollouts/$name" params={{ name: rollout.name }} search={{ tab: 'targets', stage, wave: wave.name }} size="sm">
                <Group gap={6} wrap="nowrap"><State value={stage} /><span className="num">{(wave.counts[stage] ?? 0).toLocaleString()}</span></Group>
              </LinkText>
            ))}
          </SimpleGrid>
        </Card>
      ))}
    </Stack>
  );
}

function yamlOf({ declared: { apiVersion, kind, metadata, spec } }: Rollout): string {
  return yaml({ apiVersion, kind, metadata: { name: metadata.name }, spec });
}

function Declared({ rollout }: { rollout: Rollout }) {
  return (
    <Stack gap="sm">
      <YamlField label={`${rollout.name} as YAML`} title="As it is declared" value={yamlOf(rollout)} />
      <CommandLine label="same by command" command={`muster get rollout ${rollout.name} -o yaml`} />
    </Stack>
  );
}
