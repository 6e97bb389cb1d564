import { Button, Card, Group, Progress, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { api, data, type Schemas } from '../../api/client';
import { useOverview } from '../../api/hooks';
import { unlessTold } from '../../api/stream';
import { Page } from '../../shell/Page';
import { useMe } from '../../shell/Session';
import { CopyAs } from '../../ui/copyas';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkCard, LinkText } from '../../ui/links';
import { State, lookColor } from '../../ui/state';
import { Absolute, Ago, absolute, inOurTime } from '../../ui/time';
import { many } from '../../ui/words';
import { Standing } from '../incidents/Incidents';
import { Categories, useFailing } from '../oncall/Failing';
import { percent } from '../overview/Overview';
import { StageBar } from '../rollouts/StageBar';
import { rolloutOf, type Rollout } from '../rollouts/rollout';
import { left, share, sloOf, tally, type Slo } from '../slos/slo';
import classes from './executive.module.css';
import { Line } from './Line';
import { RANGES, amount, change, drawn, expected, full, rangeOf, regionsOf, unbridged, type Region } from './words';

const route = getRouteApi('/executive');

const SOME = 5;
const REGIONS = 10;
const WHOLE = 'counts all assets of the fleet, so it needs the whole scope';

/** How the fleet does, on one screen and one sheet of paper: for who answers for it. */
export default function Executive() {
  const range = rangeOf(route.useSearch().range);
  const navigate = useNavigate({ from: '/executive' });
  const me = useMe();
  const whole = !me.scope;
  useLightPaper();
  const overview = useOverview();
  const trend = useQuery({
    queryKey: ['fleet', 'trend', range],
    enabled: whole,
    placeholderData: keepPreviousData,
    queryFn: () => data(api.GET('/api/v1/fleet/trend', { params: { query: { window: range } } })),
    refetchInterval: 60_000,
  });
  const growth = useQuery({ queryKey: ['fleet', 'growth'], enabled: whole, queryFn: () => data(api.GET('/api/v1/fleet/growth')), refetchInterval: 120_000 });
  const slos = useQuery({ queryKey: ['slos', 'executive'], enabled: whole, queryFn: () => data(api.GET('/api/v1/slos', { params: { query: { limit: 200 } } })), select: (page) => page.items.map(sloOf), refetchInterval: 60_000 });
  const incidents = useQuery({ queryKey: ['incidents', 'executive'], queryFn: () => data(api.GET('/api/v1/incidents', { params: { query: { state: 'open', limit: 200 } } })), refetchInterval: unlessTold(30_000) });
  const rollouts = useQuery({ queryKey: ['rollouts', 'executive'], queryFn: () => data(api.GET('/api/v1/rollouts', { params: { query: { live: true, limit: 100 } } })), select: (page) => page.items.map(rolloutOf), refetchInterval: 30_000 });
  if (overview.error && !overview.data) return <Problem what="The fleet cannot be shown" error={overview.error} retry={() => void overview.refetch()} />;
  if (!overview.data) return <Loading what="counting the fleet…" />;
  if (overview.data.assets === 0) {
    return (
      <Page title="Executive">
        <Card><Empty title="There is no asset yet" command="muster sim --assets 50 --types vehicle=60,pos=20,sensor=20">What stands here is counted from assets. Look around with a simulated fleet:</Empty></Card>
      </Page>
    );
  }
  return (
    <div className={classes.sheet}>
      <Page
        title="Executive"
        note={<>how the fleet does; as of <Ago at={overview.data.at} /><span className={classes.printed}>{absolute(overview.data.at)}, over {range}, printed by {me.name}</span></>}
        actions={
          <Group gap="xs" className={classes.screen ?? ''}>
            <SegmentedControl aria-label="range" size="xs" data={[...RANGES]} value={range} onChange={(wanted) => void navigate({ search: wanted === '24h' ? {} : { range: wanted }, replace: true })} />
            <CopyAs path={`/api/v1/fleet/trend?window=${range}`} command={`muster fleet trend --window ${range}`} />
            <Button variant="default" size="xs" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>Print</Button>
          </Group>
        }
      >
        <div className={classes.figures}>
          <Online overview={overview.data} fleet={trend.data?.scopes.find((scope) => scope.scope === 'fleet')} range={range} />
          <Incidents answer={incidents} />
          <Objectives answer={slos} whole={whole} />
          <Rollouts answer={rollouts} />
        </div>
        <div className={classes.halves}>
          <Stack gap="md">
            <Card>
              <Title order={2} mb="sm">Online by region</Title>
              {trend.error && <Problem what="The trend cannot be shown" error={trend.error} />}
              <Regions regions={regionsOf(overview.data.regions, trend.data?.scopes ?? [])} range={range} trend={trend.data} />
              {!whole && <Text size="xs" c="dimmed" mt="xs">The trend {WHOLE}.</Text>}
            </Card>
            <Card>
              <Heading title="Open incidents" to="/incidents" />
              {incidents.error && <Problem what="The incidents cannot be shown" error={incidents.error} />}
              {incidents.data && <OpenIncidents incidents={incidents.data.items} />}
            </Card>
            <Card>
              <Heading title="Rollouts under way" to="/rollouts" />
              {rollouts.error && <Problem what="The rollouts cannot be shown" error={rollouts.error} />}
              {rollouts.data && <Live rollouts={rollouts.data} />}
            </Card>
          </Stack>
          <Stack gap="md">
            <Card>
              <Heading title="Objectives" to="/slos" />
              {slos.error && <Problem what="The objectives cannot be shown" error={slos.error} />}
              {!whole ? <Text size="sm" c="dimmed">An objective {WHOLE}.</Text> : slos.data && <Targets slos={slos.data} />}
            </Card>
            <Failing />
          </Stack>
        </div>
        <Card>
          <Title order={2} mb={2}>Growth</Title>
          {growth.error && <Problem what="The growth cannot be shown" error={growth.error} />}
          {!whole ? <Text size="sm" c="dimmed">Growth {WHOLE}.</Text> : growth.data && <Grows growth={growth.data} />}
        </Card>
      </Page>
    </div>
  );
}

/** Paper is white: who looks at a dark screen prints a light one. */
function useLightPaper() {
  useEffect(() => {
    const root = document.documentElement;
    let before: string | null = null;
    const print = () => {
      before = root.getAttribute('data-mantine-color-scheme');
      root.setAttribute('data-mantine-color-scheme', 'light');
    };
    const printed = () => before !== null && root.setAttribute('data-mantine-color-scheme', before);
    window.addEventListener('beforeprint', print);
    window.addEventListener('afterprint', printed);
    return () => {
      window.removeEventListener('beforeprint', print);
      window.removeEventListener('afterprint', printed);
    };
  }, []);
}

function Heading({ title, to }: { title: string; to: '/slos' | '/incidents' | '/rollouts' | '/on-call' }) {
  return (
    <Group justify="space-between" mb="sm">
      <Title order={2}>{title}</Title>
      <span className={classes.screen}><LinkText to={to} size="xs">all</LinkText></span>
    </Group>
  );
}

function Big({ title, figure, note, children }: { title: string; figure: ReactNode; note: ReactNode; children?: ReactNode }) {
  return (
    <>
      <Text size="sm" c="dimmed">{title}</Text>
      <Text fz={30} fw={650} lh={1.2} className="num">{figure}</Text>
      <Text size="sm" c="dimmed" component="div">{note}</Text>
      {children}
    </>
  );
}

function Change({ of }: { of: { points: number; text: string } | undefined }) {
  if (of === undefined) return <Text span inherit c="dimmed">–</Text>;
  return <Text span inherit className="num" style={{ color: of.points === 0 ? 'var(--mantine-color-dimmed)' : `light-dark(var(--mantine-color-${of.points < 0 ? 'red' : 'teal'}-9), var(--mantine-color-${of.points < 0 ? 'red' : 'teal'}-3))` }} title="points of a per cent against as long a time before">{of.text}</Text>;
}

function Online({ overview, fleet, range }: { overview: Schemas['Overview']; fleet: Schemas['FleetScopeTrend'] | undefined; range: string }) {
  const online = overview.presence.online ?? 0;
  const off = overview.assets - online;
  return (
    <LinkCard to="/assets" search={{ selector: NOT_ONLINE }}>
      <Big title="Online now" figure={percent((online / overview.assets) * 100)} note={off === 0 ? `all ${overview.assets.toLocaleString()} assets` : `${off.toLocaleString()} of ${overview.assets.toLocaleString()} are not`}>
        {fleet?.value !== undefined && <Text size="xs" c="dimmed">{share(fleet.value)} over {range}{change(fleet.value, fleet.before) && <> <Change of={change(fleet.value, fleet.before)} /></>}</Text>}
      </Big>
    </LinkCard>
  );
}

const NOT_ONLINE = "asset.presence != 'online'";
type Answer<T> = { data: T | undefined; error: Error | null };

function Incidents({ answer }: { answer: Answer<Schemas['PageIncident']> }) {
  const items = answer.data?.items;
  const more = answer.data?.continue ? '+' : '';
  const critical = items?.filter((incident) => incident.severity === 'critical').length ?? 0;
  const alone = items?.filter((incident) => incident.state === 'open').length ?? 0;
  return (
    <LinkCard to="/incidents" search={{ show: 'open' }}>
      <Big
        title="Open incidents"
        figure={items === undefined ? '–' : `${items.length.toLocaleString()}${more}`}
        note={items === undefined ? 'unknown' : items.length === 0 ? 'none is open' : <Group gap={6} component="span">{critical > 0 ? <State value="critical" /> : null}{critical > 0 ? <span className="num">{critical}{more}</span> : 'none critical'}{alone > 0 && <span>nobody looks after {alone}{more}</span>}</Group>}
      />
    </LinkCard>
  );
}

function Objectives({ answer, whole }: { answer: Answer<Slo[]>; whole: boolean }) {
  const counts = answer.data === undefined ? undefined : tally(answer.data);
  const all = answer.data?.length ?? 0;
  return (
    <LinkCard to="/slos">
      <Big
        title="Objectives met"
        figure={counts === undefined || all === 0 ? '–' : `${counts.ok + counts.burning} of ${all}`}
        note={!whole ? 'needs the whole scope' : counts === undefined ? 'unknown' : all === 0 ? 'none is declared' : [counts.exhausted > 0 && `${counts.exhausted} exhausted`, counts.burning > 0 && `${counts.burning} burning`, counts.unknown > 0 && `${counts.unknown} unknown`].filter(Boolean).join(', ') || 'none burns'}
      />
    </LinkCard>
  );
}

function Rollouts({ answer }: { answer: Answer<Rollout[]> }) {
  const paused = answer.data?.filter(({ status }) => status.phase === 'paused').length ?? 0;
  const back = answer.data?.filter(({ status }) => status.phase === 'rolling_back').length ?? 0;
  const targets = answer.data?.reduce((sum, { status }) => sum + status.targets, 0) ?? 0;
  return (
    <LinkCard to="/rollouts" search={{ show: 'live' }}>
      <Big
        title="Rollouts under way"
        figure={answer.data === undefined ? '–' : answer.data.length.toLocaleString()}
        note={answer.data === undefined ? 'unknown' : answer.data.length === 0 ? 'nothing is being changed' : [many(targets, 'target'), paused > 0 && `${paused} paused`, back > 0 && `${back} going back`].filter(Boolean).join(', ')}
      />
    </LinkCard>
  );
}

function Regions({ regions, range, trend }: { regions: Region[]; range: string; trend: Schemas['FleetTrend'] | undefined }) {
  const { from, to, known } = drawn(trend);
  const rest = regions.length - REGIONS;
  return (
    <>
      <table className={classes.regions}>
        <thead>
          <tr>
            <th scope="col">Region</th>
            <th scope="col" className={classes.right}>Now</th>
            <th scope="col" className={classes.right}>Not online</th>
            <th scope="col" className={`${classes.right} ${classes.wide}`}>Over {range}</th>
            <th scope="col" className={`${classes.right} ${classes.wide}`}>Change</th>
            <th scope="col">Trend</th>
          </tr>
        </thead>
        <tbody>
          {regions.slice(0, REGIONS).map((region) => {
            const { name, assets, online, trend: went } = region;
            const selector = `asset.region == '${name}'`;
            const title = name === '' ? 'without a region' : name;
            return (
              <tr key={name}>
                <th scope="row"><LinkText to="/assets" search={{ selector }} size="sm" title={title}>{title}</LinkText></th>
                <td className={`${classes.right} num`}><LinkText to="/assets" search={{ selector: `${selector} && asset.presence == 'online'` }} size="sm" c="inherit">{percent((online / assets) * 100)}</LinkText></td>
                <td className={`${classes.right} num`}>{assets === online ? <Text span size="sm" c="dimmed">0</Text> : <LinkText to="/assets" search={{ selector: `${selector} && ${NOT_ONLINE}` }} size="sm" underline="always">{(assets - online).toLocaleString()}</LinkText>}<Text span size="xs" c="dimmed"> of {assets.toLocaleString()}</Text></td>
                <td className={`${classes.right} ${classes.wide} num`}>{share(went?.value)}</td>
                <td className={`${classes.right} ${classes.wide}`}><Change of={change(went?.value, went?.before)} /></td>
                <td className={classes.spark}>
                  <Line label={`online in ${title} over ${range}`} dots={(went?.steps ?? []).map((step) => ({ at: new Date(step.at).getTime(), value: step.value ?? null }))} height={24} leastSpan={0.1} most={1} {...(from !== undefined && to !== undefined ? { from, to } : {})} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {rest > 0 && <Text size="xs" c="dimmed" mt="xs">and {rest.toLocaleString()} more with more online: <LinkText to="/" size="xs">all regions</LinkText></Text>}
      {trend !== undefined && (
        <Text size="xs" c="dimmed" mt="xs">
          {trend.to === undefined ? 'The trend is not known yet: nothing was summed up in the last quarter of an hour. It begins some minutes after the first asset has reported.' : <>Over {range}: minutes in which assets in service were reachable, of all minutes known, up to <Ago at={trend.to} />{known !== undefined && <>; nothing is known from before <Absolute at={known} /></>}; the change is against as long a time before, where at least half of that is known.</>}
        </Text>
      )}
    </>
  );
}

function Targets({ slos }: { slos: Slo[] }) {
  if (slos.length === 0) return <Stack gap={6}><Text size="sm">None is declared: nobody has said how much has to be good.</Text><span className={classes.screen}><CommandLine command="muster apply -f examples/slo/fleet.yaml" /></span></Stack>;
  const order = ['exhausted', 'burning', 'unknown', 'ok'];
  const shown = [...slos].sort((one, other) => order.indexOf(one.status.state) - order.indexOf(other.status.state) || one.name.localeCompare(other.name)).slice(0, 8);
  return (
    <>
      <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={6}>
        <Table.Thead><Table.Tr><Table.Th fz="xs" fw={400} c="dimmed" pl={0}>Objective</Table.Th><Table.Th fz="xs" fw={400} c="dimmed" ta="right">Value</Table.Th><Table.Th fz="xs" fw={400} c="dimmed" ta="right" className={classes.wide ?? ''}>Target</Table.Th><Table.Th fz="xs" fw={400} c="dimmed">Budget left</Table.Th><Table.Th /></Table.Tr></Table.Thead>
        <Table.Tbody>
          {shown.map(({ name, title, status }) => (
            <Table.Tr key={name}>
              <Table.Td pl={0} maw={0} w="34%" style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}><LinkText to="/slos" search={{ slo: name }} size="sm" title={title || name}>{name}</LinkText></Table.Td>
              <Table.Td ta="right" className="num" style={{ whiteSpace: 'nowrap' }}>{share(status.value)}</Table.Td>
              <Table.Td ta="right" className={`${classes.wide} num`} style={{ whiteSpace: 'nowrap' }}>{share(status.target)}</Table.Td>
              <Table.Td>
                <Group gap={6} wrap="nowrap">
                  <Text span size="sm" className="num" miw={60} style={{ whiteSpace: 'nowrap' }}>{left(status.budgetRemaining)}</Text>
                  {status.budgetRemaining !== undefined && <Progress value={Math.max(0, Math.min(1, status.budgetRemaining)) * 100} color={lookColor(status.state)} size="sm" style={{ flex: 1 }} miw={30} visibleFrom="sm" aria-label={`budget of ${name} left: ${left(status.budgetRemaining)}`} />}
                </Group>
              </Table.Td>
              <Table.Td pr={0} ta="right"><span className={classes.whole}><State value={status.state} /></span></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {slos.length > shown.length && <Text size="xs" c="dimmed" mt="xs">and {slos.length - shown.length} more, none of them worse</Text>}
    </>
  );
}

const SEVERITIES = ['critical', 'major', 'minor'];

function OpenIncidents({ incidents }: { incidents: Schemas['Incident'][] }) {
  if (incidents.length === 0) return <Text size="sm" c="dimmed">None is open.</Text>;
  const worst = [...incidents].sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) || other.number - one.number).slice(0, SOME);
  return (
    <Stack gap={8}>
      {worst.map((incident) => (
        <Group key={incident.name} justify="space-between" wrap="nowrap" gap="sm" className={classes.stacked ?? ''}>
          <LinkText to="/incidents/$number" params={{ number: String(incident.number) }} size="sm" truncate title={inOurTime(incident.title)}>{incident.name} {inOurTime(incident.title)}</LinkText>
          <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>
            <State value={incident.severity} />
            <Standing incident={incident} />
            <Text size="xs" c="dimmed" visibleFrom="sm"><Ago at={incident.evidenceAt} /></Text>
          </Group>
        </Group>
      ))}
      {incidents.length > worst.length && <LinkText to="/incidents" search={{ show: 'open' }} size="xs">and {incidents.length - worst.length} more</LinkText>}
    </Stack>
  );
}

function Live({ rollouts }: { rollouts: Rollout[] }) {
  if (rollouts.length === 0) return <Text size="sm" c="dimmed">None: nothing is being changed.</Text>;
  return (
    <Stack gap="sm">
      {rollouts.slice(0, SOME).map(({ name, status }) => (
        <div key={name}>
          <Group justify="space-between" wrap="nowrap" gap="sm" mb={4}>
            <LinkText to="/rollouts/$name" params={{ name }} size="sm" truncate title={status.change}>{name}</LinkText>
            <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>
              <Text size="xs" c="dimmed" className="num" style={{ whiteSpace: 'nowrap' }}>{(status.counts.succeeded ?? 0).toLocaleString()} of {status.targets.toLocaleString()}</Text>
              <State value={status.phase} title={status.why} />
            </Group>
          </Group>
          <StageBar counts={status.counts} targets={status.targets} size="sm" />
        </div>
      ))}
      {rollouts.length > SOME && <LinkText to="/rollouts" search={{ show: 'live' }} size="xs">and {rollouts.length - SOME} more</LinkText>}
    </Stack>
  );
}

function Failing() {
  const answer = useFailing('24h', SOME);
  return (
    <Card>
      <Heading title="Assets that fail most, 24 h" to="/on-call" />
      {answer.error && <Problem what="The failing assets cannot be shown" error={answer.error} />}
      {answer.isPending && <Text size="sm" c="dimmed">counting…</Text>}
      {answer.data?.assets.length === 0 && <Text size="sm" c="dimmed">None failed: no command, no rollout, no alert, no lost connection, no stalled configuration.</Text>}
      <Stack gap={8}>
        {answer.data?.assets.map((asset) => (
          <Group key={asset.asset} justify="space-between" wrap="nowrap" gap="sm" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <LinkText to="/assets/$id" params={{ id: asset.asset }} size="sm">{asset.asset}</LinkText>
              <Categories of={asset} />
            </div>
            <span style={{ flexShrink: 0 }}><State value={asset.presence} /></span>
          </Group>
        ))}
      </Stack>
      {answer.data !== undefined && answer.data.failing > answer.data.assets.length && <Text size="xs" c="dimmed" mt="xs">of {answer.data.failing.toLocaleString()} with any failure</Text>}
    </Card>
  );
}

const TITLES: Record<string, string> = { assets: 'Assets', messages: 'Messages a day', storage: 'Stored' };
const DAY = 86_400_000;

function Grows({ growth }: { growth: Schemas['FleetGrowth'] }) {
  return (
    <>
      <Text size="xs" c="dimmed" mb="sm">{growth.since === undefined ? 'Nobody has looked yet; the first look is some seconds after the start.' : <>looked at since <Ago at={growth.since} /></>}</Text>
      <div className={classes.thirds}>
        {growth.items.map((item) => {
          const last = item.history.at(-1);
          const now = new Date(growth.at).getTime();
          return (
            <div key={item.name}>
              <Group justify="space-between" align="baseline" gap="xs">
                <Text size="sm" fw={600}>{TITLES[item.name] ?? item.name}</Text>
                <Text size="sm" className="num">{item.now === undefined ? 'unknown' : amount(item.name, item.now)}</Text>
              </Group>
              <div style={{ height: 8 }} />
              <Line
                label={`${TITLES[item.name] ?? item.name}: ${item.now === undefined ? 'unknown' : amount(item.name, item.now)}`}
                dots={unbridged(item.history.map((point) => ({ at: new Date(point.at).getTime(), value: point.value })))}
                ahead={last === undefined ? [] : item.forecast.ahead.map(({ days, value, low, high }) => ({ at: now + days * DAY, value, low, high }))}
                leastSpan={item.name === 'assets' ? 4 : (item.now ?? 0) * 0.1}
                height={64}
              />
              <Text size="xs" c="dimmed" mt={4}>{expected(item)}</Text>
              {item.name === 'storage' && growth.disk && <Text size="xs" c="dimmed">{full(growth.disk)}</Text>}
            </div>
          );
        })}
      </div>
      {growth.items.some((item) => item.forecast.ahead.length > 0) && <Text size="xs" c="dimmed" mt="sm">Forecast: {growth.method}.</Text>}
    </>
  );
}
