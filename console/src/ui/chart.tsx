import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { moment, short } from './axis';
import { useZone } from './zone';

type Props = {
  label: string;
  unit: string;
  /** Seconds since the epoch, ascending. */
  xs: number[];
  ys: (number | null)[];
  low?: (number | null)[];
  high?: (number | null)[];
  /** What others show meanwhile, at moments of their own: a grey band and its middle. */
  others?: { xs: number[]; low: number[]; middle: number[]; high: number[] };
  height?: number;
};

/** One metric over time; where buckets are shown, the band is between their least and greatest value. */
export function TimeChart({ label, unit, xs, ys, low, high, others, height = 180 }: Props) {
  const { ref, width } = useElementSize();
  const dark = useComputedColorScheme('light') === 'dark';
  const zone = useZone();
  const chart = useRef<uPlot | null>(null);
  const banded = low !== undefined && high !== undefined;
  const compared = others !== undefined;
  const own = (banded ? [xs, ys, high, low] : [xs, ys]) as uPlot.AlignedData;
  const values = others ? uPlot.join([own, [others.xs, others.high, others.low, others.middle]]) : own;
  useEffect(() => {
    const host = ref.current as HTMLDivElement | null;
    if (host === null || width === 0) return;
    const line = dark ? '#3bc9db' : '#0b7285';
    const axis = { stroke: dark ? '#a6a7ab' : '#495057', grid: { stroke: dark ? '#2c2e33' : '#e9ecef', width: 1 }, ticks: { show: false } };
    const series: uPlot.Series[] = [{}, { label: `${label}${unit ? ` (${unit})` : ''}`, stroke: line, width: 1.6, points: { show: xs.length < 40 }, spanGaps: false }];
    if (banded) series.push({ stroke: 'transparent', label: 'max' }, { stroke: 'transparent', label: 'min' });
    const bands: uPlot.Band[] = banded ? [{ series: [2, 3], fill: dark ? 'rgba(59,201,219,.18)' : 'rgba(11,114,133,.14)' }] : [];
    if (compared) {
      const at = series.length;
      const middle = '#868e96';
      series.push({ stroke: 'transparent', label: 'p90', spanGaps: true, points: { show: false } }, { stroke: 'transparent', label: 'p10', spanGaps: true, points: { show: false } }, { stroke: middle, label: 'median', width: 1, dash: [4, 4], spanGaps: true, points: { show: false } });
      bands.push({ series: [at, at + 1], fill: dark ? 'rgba(173,181,189,.16)' : 'rgba(134,142,150,.2)' });
    }
    const made = new uPlot(
      {
        width,
        height,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
        series,
        ...(bands.length > 0 ? { bands } : {}),
        axes: [
          { ...axis, space: 80, values: (_, splits) => splits.map((split) => moment(split, (splits.at(-1) ?? 0) - (splits[0] ?? 0), zone)) },
          { ...axis, size: 58, values: (_, splits) => splits.map(short) },
        ],
        legend: { show: false },
        cursor: { y: false },
      },
      values,
      host,
    );
    chart.current = made;
    return () => made.destroy();
    // The chart is made anew for another look; data alone is only set, below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [width, height, dark, label, unit, banded, compared, zone]);
  useEffect(() => {
    chart.current?.setData(values);
    // What it is made of; the joined arrays are others each time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [xs, ys, low, high, others, banded]);
  const last = ys.findLast((value) => value !== null);
  return <div ref={ref} style={{ minHeight: height }} role="img" aria-label={`${label}: ${xs.length} values, the last ${last ?? 'none'} ${unit}`} />;
}
