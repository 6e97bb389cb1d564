import { describe, expect, it } from 'vitest';
import { moment, short } from './axis';

describe('scales', () => {
  it('show numbers short and still tell neighbours apart', () => {
    expect([0, 0.25, 345.9, 9_999, 12_000, 12_420_000_000, 12_430_000_000, -2_500_000, 0.00004].map(short)).toEqual([
      '0', '0.25', '345.9', '9999', '12k', '12.42G', '12.43G', '-2.5M', '4e-5',
    ]);
  });

  it('show moments as exact as their span needs', () => {
    const at = Date.UTC(2026, 10, 25, 19, 2, 30) / 1000;
    expect([moment(at, 900, 'UTC'), moment(at - 30, 900, 'UTC'), moment(at, 21_600, 'UTC'), moment(at, 604_800, 'Asia/Tokyo')]).toEqual(['19:02:30', '19:02', '19:02', '11-26 04:02']);
  });
});
