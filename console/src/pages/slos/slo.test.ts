import { expect, test } from 'vitest';
import { byKind, columns, lasts, left, share, sloOf, tally } from './slo';

const VIEW = { apiVersion: 'openslo/v1', kind: 'SLO', metadata: { name: 'uptime' }, spec: {} };

test('an objective without a status, or with a state that is not known here, is unknown', () => {
  expect(sloOf(VIEW)).toMatchObject({ name: 'uptime', status: { state: 'unknown', alerts: [] } });
  const strange = sloOf({ ...VIEW, status: { ...sloOf(VIEW).status, state: 'strange' } });
  const burning = sloOf({ ...VIEW, status: { ...sloOf(VIEW).status, state: 'burning' } });
  expect(tally([sloOf(VIEW), strange, burning])).toEqual({ exhausted: 0, burning: 1, ok: 0, unknown: 2 });
});

test('a share is never rounded up to what it is not', () => {
  expect([1, 0, 0.9995, 0.99, 0.99999, 0.999999, 0.8766, undefined, Number.NaN].map(share)).toEqual(['100 %', '0 %', '99.95 %', '99 %', '99.999 %', '99.9999 %', '87.6 %', 'unknown', 'unknown']);
});

test('the budget may be overspent, and may be unknown', () => {
  expect([left(0.999), left(0), left(-0.25), left(-443.4), left(undefined)]).toEqual(['99 %', '0 %', 'spent 1.2 ×', 'spent 444 ×', 'unknown']);
});

test('a duration has its two largest units', () => {
  expect(['PT53H20M', 'PT20M', 'PT0S', 'PT24H0.4S', undefined].map(lasts)).toEqual(['2 d 5 h', '20 min', '0 s', '1 d', undefined]);
});

test('what was not counted is a gap in a chart, never a zero', () => {
  const point = (at: string, burn: (number | null)[], remaining?: number) => ({ at, good: 1, bad: 0, unknown: 0, burn, ...(remaining !== undefined && { remaining }) }) as never;
  const history = { slo: 'x', target: 0.9, from: '', to: '', stepSeconds: 60, windows: [{ alert: 'a', severity: 'page', longWindow: '1h', shortWindow: '5m', factor: 2 }], points: [point('2026-01-05T08:00:00Z', [null]), point('2026-01-05T08:01:00Z', [0.5], 0.25)] };
  expect(columns(history)).toEqual({ xs: [1767600000, 1767600060], remaining: [null, 0.25], burn: [[null, 0.5]] });
});

test('of each kind of cause the worst come first', () => {
  expect(byKind([{ by: 'region', bad: 1 }, { by: 'asset', bad: 9 }, { by: 'region', bad: 3 }], 'region').map(({ bad }) => bad)).toEqual([3, 1]);
});
