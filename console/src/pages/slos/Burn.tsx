import { Card, Group, Progress, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import { api, data, type Schemas } from '../../api/client';
import { Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { Ago } from '../../ui/time';
import { CAUSES, byKind, columns, left } from './slo';

const route = getRouteApi('/slos');
const BurnChart = lazy(() => import('./BurnChart'));
const LINES = ['#0b7285', '#c2255c', '#5f3dc4', '#2b8a3e', '#d9480f'];
const RANGES = ['6h', '1d', '7d', '30d'];

/** What was left of the budget over time, and how fast it burned, with the rates from which on its alerts fire. */
export function Burn({ slo }: { slo: string }) {
  const { window = '7d' } = route.useSearch();
  const navigate = useNavigate({ from: '/slos' });
  const setWindow = (next: string) => void navigate({ search: (before) => ({ ...before, window: next }), replace: true });
  const answer = useQuery({
    queryKey: ['slos', slo, 'burn', window],
    placeholderData: keepPreviousData,
    queryFn: () => data(api.GET('/api/v1/slos/{name}/burn', { params: { path: { name: slo }, query: { window } } })),
    refetchInterval: 60_000,
  });
  return (
    <Card padding="sm">
      <Group justify="space-between" mb="xs"><Title order={3}>The budget over time</Title><SegmentedControl aria-label="range" size="xs" data={RANGES} value={window} onChange={setWindow} /></Group>
      {answer.error ? <Problem what="It cannot be told how it burned" error={answer.error} /> : !answer.data ? <Loading what="loading its history…" /> : <Charts history={answer.data} />}
    </Card>
  );
}

function Charts({ history }: { history: Schemas['BurnHistory'] }) {
  const { xs, remaining, burn } = columns(history);
  const last = remaining.findLast((value) => value !== null);
  if (last === undefined) return <Text size="sm" c="dimmed">Nothing was counted in that time: there is neither a budget nor a rate.</Text>;
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed">Budget left at last: {left(last ?? undefined)}. Below 0 % more was spent than there was. Where nothing was counted there is no line.</Text>
      <Suspense fallback={<div style={{ minHeight: 160 }} />}>
        <BurnChart label={`budget left from ${history.from} to ${history.to}`} xs={xs} height={160} percent zero lines={[{ label: 'left', values: remaining, color: '#0b7285' }, { label: 'none', values: xs.map(() => 0), color: '#c92a2a', dash: [4, 4] }]} />
        <Text size="xs" c="dimmed">Burn rate: 1 spends the budget exactly within its period. Dashed: from there on the alert of that colour fires, when its short window agrees.</Text>
        {history.windows.length === 0 ? <Text size="sm" c="dimmed">It has no alert with a window as long as the steps shown.</Text> : (
          <BurnChart label="burn rate by window" xs={xs} height={180} zero lines={history.windows.flatMap((each, index) => [{ label: each.longWindow, values: burn[index] ?? [], color: LINES[index % LINES.length] ?? '#0b7285' }, { label: each.alert, values: xs.map(() => each.factor), color: LINES[index % LINES.length] ?? '#0b7285', dash: [4, 4] }])} />
        )}
      </Suspense>
      <Group gap="md">{history.windows.map((each, index) => <Group key={each.alert} gap={6}><span aria-hidden style={{ width: 14, height: 3, background: LINES[index % LINES.length] }} /><Text size="xs">{each.alert}: over {each.longWindow}, fires above {Number(each.factor.toFixed(2))} ({each.severity})</Text></Group>)}</Group>
    </Stack>
  );
}

/** What the assets that were not good have in common. */
export function Causes({ slo }: { slo: string }) {
  const { spent: window = '1d' } = route.useSearch();
  const navigate = useNavigate({ from: '/slos' });
  const setWindow = (next: string) => void navigate({ search: (before) => ({ ...before, spent: next }), replace: true });
  const answer = useQuery({
    queryKey: ['slos', slo, 'causes', window],
    placeholderData: keepPreviousData,
    queryFn: () => data(api.GET('/api/v1/slos/{name}/causes', { params: { path: { name: slo }, query: { window } } })),
    refetchInterval: 60_000,
  });
  return (
    <Card padding="sm">
      <Group justify="space-between" mb="xs"><Title order={3}>What it was spent on</Title><SegmentedControl aria-label="range of the causes" size="xs" data={['1h', '6h', '1d', '7d']} value={window} onChange={setWindow} /></Group>
      {answer.error ? <Problem what="It cannot be told what it was spent on" error={answer.error} /> : !answer.data ? <Loading what="loading causes…" /> : answer.data.bad <= 0 ? (
        <Text size="sm" c="dimmed">{answer.data.notes[0] ?? 'Nothing was bad in that time, as far as was counted.'}</Text>
      ) : (
        <Stack gap="md">
          <Text size="sm">{Math.round(answer.data.bad).toLocaleString()} bad of {answer.data.assets.toLocaleString()} {answer.data.assets === 1 ? 'asset' : 'assets'} since <Ago at={answer.data.from} />. One asset counts in its region and in its release: causes overlap.</Text>
          {CAUSES.map((kind) => {
            const causes = byKind(answer.data.causes, kind);
            if (causes.length === 0) return null;
            return (
              <div key={kind}>
                <Text size="xs" c="dimmed" mb={2}>{kind}</Text>
                <Stack gap={2}>
                  {causes.map((cause) => (
                    <Group key={cause.name} gap="xs" wrap="nowrap">
                      <Text size="sm" w={180} truncate title={cause.name}>{kind === 'asset' ? <LinkText to="/assets/$id" params={{ id: cause.name }} size="sm">{cause.name}</LinkText> : kind === 'region' || kind === 'type' || kind === 'site' || kind === 'hardware' || kind === 'owner' ? <LinkText to="/assets" search={{ selector: `asset.${kind} == '${cause.name.replaceAll("'", "\\'")}'` }} size="sm">{cause.name}</LinkText> : cause.name}</Text>
                      <Progress value={cause.share * 100} size="sm" color="orange" style={{ flex: 1 }} aria-label={`${kind} ${cause.name}: ${Math.round(cause.share * 100)} % of what was bad`} />
                      <Text size="xs" className="num" w={96} ta="right">{Math.round(cause.share * 100)} %{kind !== 'asset' && ` · ${cause.assets.toLocaleString()}`}</Text>
                    </Group>
                  ))}
                </Stack>
              </div>
            );
          })}
        </Stack>
      )}
    </Card>
  );
}
