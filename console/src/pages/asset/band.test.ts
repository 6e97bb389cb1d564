import { expect, it } from 'vitest';
import { bandOf, peers, placeOf } from './band';

it('compares with the type, with those that share a place, and with groups', () => {
  expect(peers({ type: 'pos', region: 'eu', site: '', hardware: "rev 'b'" }, [{ metadata: { name: 'canary' }, spec: { selector: "asset.labels.ring == '0'" } }])).toEqual([
    { value: 'type', label: 'all of type pos', selector: "asset.type == 'pos'" },
    { value: 'region', label: 'pos of region eu', selector: "asset.type == 'pos' && asset.region == 'eu'" },
    { value: 'hardware', label: "pos of hardware rev 'b'", selector: "asset.type == 'pos' && asset.hardware == 'rev \\'b\\''" },
    { value: 'group:canary', label: 'group canary', selector: "asset.labels.ring == '0'" },
  ]);
});

it('says how the newest value stands to the others at its time', () => {
  const band = bandOf({ assets: 3, groups: [{ group: '', assets: 3, points: [{ ts: 60_000, count: 3, min: 0, max: 9, avg: 5, p10: 2, p50: 5, p90: 8, p99: 9 }, { ts: 120_000, count: 3, min: 0, max: 9, avg: 5, p10: 3, p50: 5, p90: 7, p99: 9 }] }] });
  expect(band).toEqual({ assets: 3, xs: [60, 120], low: [2, 3], middle: [5, 5], high: [8, 7] });
  expect([placeOf(band, { ts: 130_000, value: 2 }), placeOf(band, { ts: 130_000, value: 5 }), placeOf(band, { ts: 130_000, value: 9 })]).toEqual(['below most', 'as most', 'above most']);
  expect(placeOf(band, { ts: 130_000, value: 7.05 })).toBe('as most');
  expect(placeOf(band, { ts: 900_000, value: 9 })).toBeUndefined();
  expect(placeOf(band, { ts: 1_000, value: 9 })).toBeUndefined();
  expect(placeOf(band, { ts: 130_000, value: 'on' })).toBeUndefined();
});
