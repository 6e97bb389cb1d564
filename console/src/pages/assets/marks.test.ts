import { expect, it } from 'vitest';
import { ringKey, shares, short } from './marks';
import { pieces } from './track';

it('shows every state that is there, however few', () => {
  expect(shares(1000, { online: 998, offline: 2 })).toEqual([15, 0, 1, 0]);
  expect(shares(3, { online: 1, stale: 1, offline: 1 }).reduce((sum, each) => sum + each)).toBe(16);
});

it('draws alike clusters once', () => {
  expect(ringKey(12_345, { online: 12_000, offline: 345 })).toBe(ringKey(12_399, { online: 12_040, offline: 359 }));
  expect([7, 999, 1_250, 99_999, 1_234_567].map(short)).toEqual(['7', '999', '1.2k', '99k', '1.2M']);
});

it('does not draw a way where nothing was told', () => {
  const at = (minute: number) => ({ ts: minute * 60_000, lat: minute, lon: 0 });
  expect(pieces([at(0), at(5), at(200), at(205), at(600)]).map((piece) => piece.map(({ lat }) => lat))).toEqual([[0, 5], [200, 205], [600]]);
});
