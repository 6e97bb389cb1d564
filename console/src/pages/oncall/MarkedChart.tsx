import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { moment, short } from '../../ui/axis';
import { clusters } from './changes';

export type Mark = { key: string; at: number };

type Props = {
  label: string;
  /** Seconds since the epoch, ascending. */
  xs: number[];
  ys: (number | null)[];
  from: number;
  to: number;
  marks: Mark[];
  /** The mark that is looked at. */
  marked?: string | undefined;
  bars?: boolean;
  format?: (value: number) => string;
  /** The least that the scale spans, and the most that it shows. */
  leastSpan?: number;
  most?: number;
  height?: number;
};

const APART = 15;

/** One line or row of bars over time, with the changes of the fleet as marks; all charts of a screen share one cursor. */
export function MarkedChart({ label, xs, ys, from, to, marks, marked, bars = false, format = short, leastSpan = 1, most, height = 130 }: Props) {
  const { ref, width } = useElementSize();
  const dark = useComputedColorScheme('light') === 'dark';
  const chart = useRef<uPlot | null>(null);
  const shown = useRef({ marks, marked, range: [from, to] as [number, number], format });
  shown.current = { marks, marked, range: [from, to], format };
  useEffect(() => {
    const host = ref.current as HTMLDivElement | null;
    if (host === null || width === 0) return;
    const line = dark ? '#3bc9db' : '#0b7285';
    const axis = { stroke: dark ? '#a6a7ab' : '#495057', grid: { stroke: dark ? '#2c2e33' : '#e9ecef', width: 1 }, ticks: { show: false } };
    const made = new uPlot(
      {
        width,
        height,
        padding: [16, 8, 0, 0],
        scales: {
          x: { range: () => shown.current.range },
          y: { range: (_, low, high) => span(low, high, leastSpan, most, bars) },
        },
        series: [{}, { label, stroke: line, width: 1.6, spanGaps: false, points: { show: !bars && xs.length < 40, size: 5 }, ...(bars ? { fill: line, width: 0, paths: uPlot.paths.bars?.({ size: [0.7, 14], align: 1 }) as uPlot.Series.PathBuilder } : {}) }],
        axes: [
          { ...axis, space: 80, values: (_, splits) => splits.map((split) => moment(split, (splits.at(-1) ?? 0) - (splits[0] ?? 0))) },
          { ...axis, size: 58, space: 28, values: (_, splits) => splits.map((split) => shown.current.format(split)) },
        ],
        legend: { show: false },
        cursor: { y: false, sync: { key: 'on-call' } },
        hooks: { draw: [(plot) => drawMarks(plot, shown.current.marks, shown.current.marked, dark)] },
      },
      [xs, ys] as uPlot.AlignedData,
      host,
    );
    chart.current = made;
    return () => {
      chart.current = null;
      made.destroy();
    };
    // The chart is made anew for another look; data and marks are only set, below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [width, height, dark, label, bars]);
  useEffect(() => chart.current?.setData([xs, ys] as uPlot.AlignedData), [xs, ys, from, to]);
  useEffect(() => chart.current?.redraw(false), [marks, marked]);
  const last = ys.findLast((value) => value !== null);
  return <div ref={ref} style={{ minHeight: height }} role="img" aria-label={`${label}: ${last == null ? 'nothing known' : `last ${format(last)}`}; ${marks.length} changes are marked`} />;
}

function span(low: number | null, high: number | null, leastSpan: number, most: number | undefined, zero: boolean): [number, number] {
  let bottom = zero ? 0 : (low ?? 0);
  let top = high ?? 1;
  const missing = leastSpan - (top - bottom);
  if (missing > 0) {
    top += zero ? missing : missing / 2;
    bottom -= zero ? 0 : missing / 2;
  }
  const air = (top - bottom) * 0.06;
  top += air;
  if (!zero && bottom > 0) bottom = Math.max(0, bottom - air);
  if (most !== undefined && top > most) {
    bottom -= zero ? 0 : Math.max(0, Math.min(top - most, leastSpan / 2));
    top = most;
  }
  return [Math.max(0, bottom), top];
}

/** A dashed line for each moment at which something was changed; what is close together is one, with its number. */
function drawMarks(plot: uPlot, marks: Mark[], marked: string | undefined, dark: boolean): void {
  const { ctx, bbox } = plot;
  const dpr = window.devicePixelRatio || 1;
  const placed = marks.map((mark) => ({ ...mark, x: plot.valToPos(mark.at, 'x', true) })).filter(({ x }) => x >= bbox.left && x <= bbox.left + bbox.width);
  ctx.save();
  ctx.font = `${11 * dpr}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  for (const cluster of clusters(placed, APART * dpr)) {
    const looked = cluster.find(({ key }) => key === marked);
    const x = Math.round((looked ?? cluster[0])?.x ?? 0);
    ctx.strokeStyle = looked ? (dark ? '#ffa94d' : '#d9480f') : dark ? 'rgba(229,153,247,.75)' : 'rgba(134,46,156,.65)';
    ctx.fillStyle = ctx.strokeStyle;
    ctx.lineWidth = (looked ? 2 : 1) * dpr;
    ctx.setLineDash(looked ? [] : [4 * dpr, 3 * dpr]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
    if (cluster.length > 1) ctx.fillText(String(cluster.length), x, bbox.top - 1 * dpr);
    else {
      const size = 4 * dpr;
      ctx.beginPath();
      ctx.moveTo(x - size, bbox.top - 2 * size);
      ctx.lineTo(x + size, bbox.top - 2 * size);
      ctx.lineTo(x, bbox.top - 2 * dpr);
      ctx.fill();
    }
  }
  ctx.restore();
}
