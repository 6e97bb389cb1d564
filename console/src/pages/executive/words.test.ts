import { expect, test } from 'vitest';
import { scale } from './Line';
import { change, drawn, expected, full, rangeOf, regionsOf, unbridged } from './words';

const NONE = { days: 0.2, ahead: [], why: 'a forecast needs 7 days of history, there are 0.2 so far' };

test('without enough history there is no forecast, and it says why', () => {
  expect(expected({ name: 'assets', forecast: NONE })).toBe('No forecast: a forecast needs 7 days of history, there are 0.2 so far.');
});

test('a forecast names its band and the days that it rests on', () => {
  const forecast = { days: 30.4, perDay: 12.25, low: 10, high: 14, ahead: [{ days: 7, value: 1, low: 1, high: 1 }, { days: 30, value: 1500, low: 1400, high: 1600 }] };
  expect(expected({ name: 'assets', forecast })).toBe(`+12 a day; in 30 days about ${(1500).toLocaleString()} (${(1400).toLocaleString()} to ${(1600).toLocaleString()}). Rests on 30 days.`);
  expect(expected({ name: 'storage', forecast: { ...forecast, perDay: -2e6, ahead: [{ days: 7, value: 2e9, low: 2e9, high: 2e9 }] } })).toBe('−2.0 MB a day; in 7 days about 2.0 GB. Rests on 30 days.');
});

test('when the disk is full is told only as far as it can be foreseen', () => {
  const disk = { free: 10e9, total: 40e9, foreseenDays: 0 };
  expect(full(disk)).toBe('10.0 GB of 40.0 GB are free; when it is full cannot be foreseen yet.');
  expect(full({ ...disk, foreseenDays: 14.6 })).toBe('10.0 GB of 40.0 GB are free; not full within the 14 days that can be foreseen.');
  expect(full({ ...disk, foreseenDays: 14.6, fullInDays: 9.7 })).toBe('10.0 GB of 40.0 GB are free; full in about 10 days at this growth.');
});

test('a change is told where both sides are known', () => {
  expect([change(0.99, 0.98)?.text, change(0.9, 0.912)?.text, change(0.5, 0.50004)?.text, change(undefined, 0.5), change(0.5, undefined)]).toEqual(['+1.0', '−1.2', '±0.0', undefined, undefined]);
});

test('the region with the least online comes first, and one without a trend is shown all the same', () => {
  const regions = regionsOf(
    [{ name: 'eu', assets: 10, presence: { online: 10 } }, { name: '', assets: 2, presence: {} }, { name: 'us', assets: 4, presence: { online: 3, offline: 1 } }],
    [{ scope: 'fleet', steps: [] }, { scope: 'region/us', value: 0.9, steps: [] }],
  );
  expect(regions.map(({ name, online, share, trend }) => [name, online, share, trend?.value])).toEqual([['', 0, 0, undefined], ['us', 3, 0.75, 0.9], ['eu', 10, 1, undefined]]);
});

test('a range that is not known is a day', () => {
  expect([rangeOf(undefined), rangeOf('7d'), rangeOf('8d')]).toEqual(['24h', '7d', '24h']);
});

test('the scale has a least span and never passes what is most', () => {
  expect(scale([0.99, 1], 0.05, 1)).toEqual({ low: expect.closeTo(0.95, 6), high: 1 });
  expect(scale([0, 100], 0)).toEqual({ low: 0, high: 100 });
});

test('where nobody looked for long, the line of growth has a gap', () => {
  const dots = [0, 1, 2, 3, 10, 11].map((at) => ({ at, value: at }));
  expect(unbridged(dots).map(({ at, value }) => [at, value])).toEqual([[0, 0], [1, 1], [2, 2], [3, 3], [4, null], [10, 10], [11, 11]]);
  expect(unbridged([{ at: 5, value: 1 }])).toEqual([{ at: 5, value: 1 }]);
});

test('lines are drawn over the range, and of a young fleet over what is known', () => {
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 26, hour));
  const trend = (hour: number) => ({ from: at(0).toISOString(), to: at(20).toISOString(), scopes: [{ scope: 'fleet', steps: [{ at: at(hour).toISOString(), value: 1 }] }] });
  expect(drawn(trend(0))).toEqual({ from: at(0).getTime(), to: at(20).getTime() });
  expect(drawn(trend(10))).toEqual({ from: at(0).getTime(), to: at(20).getTime(), known: at(10).getTime() });
  expect(drawn(trend(19))).toEqual({ from: at(19).getTime(), to: at(20).getTime(), known: at(19).getTime() });
  expect([drawn(undefined), drawn({ scopes: [] })]).toEqual([{}, {}]);
});
