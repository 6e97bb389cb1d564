import { Card, Group, MultiSelect, SegmentedControl, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { api, data, type Schemas } from '../../api/client';
import type { Asset } from '../../api/hooks';
import { TimeChart } from '../../ui/chart';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { measured } from '../../ui/measured';
import { line } from '../../ui/shell';
import { Ago, minutesAgo } from '../../ui/time';
import { drawn, FIRST_RANGE, latestOf, metricsOf, RANGES, rangeOf, seriesOf } from './asked';
import { bandOf, peers, placeOf, type Band, type Grouped } from './band';

const route = getRouteApi('/assets/$id');

export function Metrics({ asset }: { asset: Asset }) {
  const { range = FIRST_RANGE, metrics, band } = route.useSearch();
  const navigate = useNavigate({ from: '/assets/$id' });
  const latest = useQuery({ ...latestOf(asset.id), refetchInterval: 5_000 });
  const { values: known, numeric, others } = metricsOf(latest.data);
  const shown = drawn(metrics, numeric);
  const chosen = rangeOf(range);
  const series = useQuery({ ...seriesOf(asset.id, metrics, range), refetchInterval: chosen.refresh });
  const groups = useQuery({
    queryKey: ['groups', 'selectors'],
    queryFn: () => data(api.GET('/api/v1/groups', { params: { query: { limit: 100 } } })),
    staleTime: 60_000,
  });
  const compared = peers(asset, (groups.data?.items ?? []) as Grouped[]);
  const against = compared.find((each) => each.value === band);
  const bands = useQueries({
    queries: shown.map((metric) => ({
      queryKey: ['telemetry', 'aggregate', metric, against?.selector, range],
      enabled: against !== undefined,
      // Over many assets, so not often; the server refuses what would take it too long.
      refetchInterval: Math.max(60_000, chosen.refresh),
      staleTime: 30_000,
      retry: false,
      placeholderData: keepPreviousData,
      select: bandOf,
      queryFn: async () =>
        data(
          api.GET('/api/v1/telemetry/aggregate', {
            params: { query: { metric, selector: against?.selector ?? '', from: minutesAgo(chosen.minutes), step: `${chosen.minutes}s` } },
          }),
        ),
    })),
  });
  if (latest.error) return <Problem what="The metrics cannot be shown" error={latest.error} retry={() => void latest.refetch()} />;
  if (latest.isPending) return <Loading what="looking for metrics…" />;
  if (numeric.length + others.length === 0) {
    return (
      <Card>
        <Empty title="No metric yet" command={`mosquitto_pub … -t assets/${asset.id}/telemetry -m '{"speed":12.5}'`}>
          {asset.id} has not sent any telemetry lately. <b>muster asset credentials {asset.id} --out DIR</b> prints the whole line for a first try.
        </Empty>
      </Card>
    );
  }
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <MultiSelect
          label="Metrics"
          data={numeric}
          value={shown}
          searchable
          clearable
          maxValues={12}
          onChange={(wanted) => void navigate({ search: (before) => ({ ...before, metrics: wanted.join(',') }), replace: true })}
          style={{ flex: '1 1 280px' }}
        />
        <Select
          label="Compare with"
          placeholder="nothing"
          clearable
          data={compared.map(({ value, label }) => ({ value, label }))}
          value={against?.value ?? null}
          onChange={(wanted) => void navigate({ search: ({ band: _, ...before }) => ({ ...before, ...(wanted ? { band: wanted } : {}) }), replace: true })}
          w={210}
        />
        <SegmentedControl
          aria-label="range"
          data={Object.keys(RANGES)}
          value={range}
          onChange={(wanted) => void navigate({ search: (before) => ({ ...before, range: wanted }), replace: true })}
        />
      </Group>
      {series.error && <Problem what="The series cannot be shown" error={series.error} retry={() => void series.refetch()} />}
      <div style={{ display: 'grid', gap: 'var(--mantine-spacing-sm)', gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 480px), 1fr))' }}>
        {series.data?.series.map((one) => {
          const of = bands[shown.indexOf(one.metric)];
          return <Chart key={one.metric} series={one} bucketed={chosen.step !== undefined} latest={known[one.metric]} band={against && of?.data} />;
        })}
      </div>
      {against && (
        <>
          {bands.find((each) => each.error) && <Problem what={`${against.label} cannot be compared with`} error={bands.find((each) => each.error)?.error} />}
          <Text size="xs" c="dimmed">Grey: where eight of ten values of {against.label} lie (10th to 90th percentile), dashed the median{bands[0]?.data ? `; ${bands[0].data.assets.toLocaleString()} ${bands[0].data.assets === 1 ? 'asset' : 'assets'}, this one among them` : ''}.</Text>
          <CommandLine label="the band by command" command={line('muster', 'aggregate', shown[0] ?? 'METRIC', '--selector', against.selector, '--from', `-${range}`, '--step', `${chosen.minutes}s`)} />
        </>
      )}
      {others.length > 0 && (
        <Card>
          <SimpleGrid cols={{ base: 2, sm: 4, lg: 6 }} spacing="sm">
            {others.map((metric) => (
              <div key={metric}>
                <Text size="xs" c="dimmed">{metric}</Text>
                <Text size="sm">{String(known[metric]?.value)}</Text>
              </div>
            ))}
          </SimpleGrid>
        </Card>
      )}
      <CommandLine label="same by command" command={`muster telemetry ${asset.id} --metrics ${shown.join(',')} --from -${range}${chosen.step ? ` --step ${chosen.step}` : ''}`} />
    </Stack>
  );
}

function Chart({ series, bucketed, latest, band }: { series: Schemas['Series']; bucketed: boolean; latest: Schemas['Value'] | undefined; band: Band | undefined }) {
  const place = band && placeOf(band, latest);
  const xs = series.points.map((point) => point.ts / 1000);
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  const ys = series.points.map((point) => number(bucketed ? point.avg : point.value));
  return (
    <Card padding="sm">
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Group gap={6} wrap="nowrap" style={{ minWidth: 0 }}>
          <Text size="sm" fw={600} truncate>{series.metric}</Text>
          {place && <Text span size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>{place}</Text>}
        </Group>
        <Text size="sm" className="num" style={{ whiteSpace: 'nowrap' }}>
          {latest === undefined ? '' : measured(latest.value, series.unit)}{' '}
          <Text span size="xs" c="dimmed">{latest && <Ago at={new Date(latest.ts).toISOString()} />}</Text>
        </Text>
      </Group>
      {xs.length === 0 ? (
        <Text size="sm" c="dimmed" py="lg" ta="center">nothing in this range</Text>
      ) : (
        <TimeChart
          label={series.metric}
          unit={series.unit ?? ''}
          xs={xs}
          ys={ys}
          {...(band && band.xs.length > 0 ? { others: band } : {})}
          {...(bucketed ? { low: series.points.map((point) => number(point.min)), high: series.points.map((point) => number(point.max)) } : {})}
        />
      )}
    </Card>
  );
}
