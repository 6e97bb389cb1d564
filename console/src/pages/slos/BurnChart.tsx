import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { moment, short } from '../../ui/axis';

export type Line = { label: string; values: (number | null)[]; color: string; dash?: number[] };
type Props = { label: string; xs: number[]; lines: Line[]; height?: number; zero?: boolean; percent?: boolean };

/** Some lines over one time; dashed ones are bounds. */
export default function BurnChart({ label, xs, lines, height = 200, zero = false, percent = false }: Props) {
  const { ref, width } = useElementSize();
  const dark = useComputedColorScheme('light') === 'dark';
  const chart = useRef<uPlot | null>(null);
  const look = JSON.stringify(lines.map((line) => [line.label, line.color, line.dash]));
  useEffect(() => {
    const host = ref.current as HTMLDivElement | null;
    if (host === null || width === 0) return;
    const axis = { stroke: dark ? '#a6a7ab' : '#495057', grid: { stroke: dark ? '#2c2e33' : '#e9ecef', width: 1 }, ticks: { show: false } };
    const made = new uPlot(
      {
        width,
        height,
        series: [{}, ...lines.map((line) => ({ label: line.label, stroke: line.color, width: line.dash ? 1.2 : 1.8, points: { show: false }, spanGaps: false, ...(line.dash && { dash: line.dash }) }))],
        scales: { y: { range: (_, low, high) => [zero ? Math.min(0, low ?? 0) : (low ?? 0), Math.max(high ?? 1, zero ? 1 : Number.MIN_VALUE) * 1.05] } },
        axes: [
          { ...axis, space: 80, values: (_, splits) => splits.map((split) => moment(split, (xs.at(-1) ?? 0) - (xs[0] ?? 0))) },
          { ...axis, size: 58, values: (_, splits) => splits.map((split) => (percent ? `${Math.round(split * 100)} %` : short(split))) },
        ],
        legend: { show: false },
        cursor: { y: false },
      },
      [xs, ...lines.map((line) => line.values)] as uPlot.AlignedData,
      host,
    );
    chart.current = made;
    return () => made.destroy();
    // Made anew for another look; data alone is only set, below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [width, height, dark, look, zero, percent]);
  useEffect(() => {
    chart.current?.setData([xs, ...lines.map((line) => line.values)] as uPlot.AlignedData);
  }, [xs, lines]);
  return <div ref={ref} style={{ minHeight: height }} role="img" aria-label={label} />;
}
