import { describe, expect, it } from 'vitest';
import { layOut, nearest, worst, type Entry } from './layout';
import { DAY, HOUR, MINUTE, LONGEST, SHORTEST, bounded, iso, moved, ticks, windowOf, zoomed } from './window';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const T = (minutes: number) => iso(NOW - minutes * MINUTE);

function entry(lane: string, at: string, more: Partial<Entry> = {}): Entry {
  return { lane, at, open: false, state: 'succeeded', title: lane, reason: '', ...more };
}

describe('what the address says is shown', () => {
  it('is the last day up to now without a word', () => {
    expect(windowOf({}, NOW)).toEqual({ from: NOW - DAY, to: NOW, live: true });
  });
  it('is a span that does not move', () => {
    expect(windowOf({ from: T(120), to: T(60) }, NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW - HOUR, live: false });
  });
  it('is half an hour on both sides of a moment', () => {
    expect(windowOf({ at: T(300) }, NOW)).toEqual({ from: NOW - 5.5 * HOUR, to: NOW - 4.5 * HOUR, live: false });
  });
  it('goes on to follow now when a moment within it is looked at', () => {
    expect(windowOf({ at: T(30), range: '6h' }, NOW).live).toBe(true);
  });
  it('takes no notice of what is no time', () => {
    expect(windowOf({ from: 'yesterday', to: '' }, NOW).live).toBe(true);
  });
});

describe('zoom', () => {
  it('keeps the moment under the pointer where it is', () => {
    const at = NOW - 3 * HOUR;
    const window = { from: NOW - 4 * HOUR, to: NOW };
    const next = zoomed(window, 0.5, at, NOW);
    expect(next.to - next.from).toBe(2 * HOUR);
    expect((at - next.from) / (next.to - next.from)).toBeCloseTo(0.25);
  });
  it('has two ends', () => {
    const window = { from: NOW - HOUR, to: NOW };
    expect(zoomed(window, 1e-9, NOW - 1, NOW).to - zoomed(window, 1e-9, NOW - 1, NOW).from).toBe(SHORTEST);
    expect(zoomed(window, 1e9, NOW, NOW).to - zoomed(window, 1e9, NOW, NOW).from).toBe(LONGEST);
  });
  it('does not go far beyond now', () => {
    expect(moved({ from: NOW - HOUR, to: NOW }, 5, NOW).to).toBe(NOW + HOUR / 10);
    expect(bounded({ from: NOW, to: NOW + DAY }, NOW).to).toBe(NOW + DAY / 10);
  });
});

it('marks round moments, not more than there is room for', () => {
  const found = ticks({ from: NOW - 61 * MINUTE, to: NOW }, 7, 'UTC');
  expect(found.map(iso)).toEqual(['2026-11-26T11:00:00Z', '2026-11-26T11:10:00Z', '2026-11-26T11:20:00Z', '2026-11-26T11:30:00Z', '2026-11-26T11:40:00Z', '2026-11-26T11:50:00Z', '2026-11-26T12:00:00Z']);
});

it('lets days begin at midnight of the zone', () => {
  expect(ticks({ from: NOW - 2 * DAY, to: NOW }, 3, 'Asia/Kolkata').map(iso)).toEqual(['2026-11-24T18:30:00Z', '2026-11-25T18:30:00Z']);
});

describe('the marks of a lane', () => {
  const window = { from: NOW - HOUR, to: NOW };
  it('lie beside each other where spans overlap, and are cut at the ends', () => {
    const { marks, rows } = layOut([entry('commands', T(90), { until: T(30) }), entry('commands', T(40), { open: true }), entry('commands', T(20), { until: T(10) })], window, 600, NOW);
    expect(marks.map(({ x, width, row }) => ({ x, width, row }))).toEqual([{ x: 0, width: 300, row: 0 }, { x: 200, width: 400, row: 1 }, { x: 400, width: 100, row: 0 }]);
    expect(rows).toBe(2);
  });
  it('are one where they cannot be told apart', () => {
    const { marks } = layOut([entry('events', T(30)), entry('events', iso(NOW - 30 * MINUTE + 10_000)), entry('events', T(10))], window, 600, NOW);
    expect(marks.map((mark) => [mark.x, mark.entries.length])).toEqual([[300, 2], [500, 1]]);
  });
  it('leave out what is not in the window', () => {
    expect(layOut([entry('commands', T(300), { until: T(200) })], window, 600, NOW).marks).toEqual([]);
  });
  it('take the look of the worst', () => {
    expect(worst([entry('commands', T(1)), entry('commands', T(1), { state: 'failed' })])?.state).toBe('failed');
  });
});

it('finds what lies at a moment, and looks for presence last', () => {
  const entries = [entry('commands', T(5)), entry('incidents', T(30), { open: true }), entry('presence', T(30), { open: true })];
  expect(nearest(entries, NOW - 30 * MINUTE, NOW)).toBe(1);
  expect(nearest(entries, NOW - 6 * MINUTE, NOW)).toBe(0);
  expect(nearest([], NOW, NOW)).toBe(-1);
});
