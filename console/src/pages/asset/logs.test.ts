import { expect, it } from 'vitest';
import { MOST, attributesOf, merged, since, type Line } from './logs';

const line = (ts: number, receivedAt: number, body = 'x'): Line => ({ ts, receivedAt, severity: 'info', body, attributes: {} }) as Line;

it('puts what came late where it belongs, and what comes again not at all', () => {
  const known = [line(30, 31), line(10, 11)];
  const { lines, added } = merged(known, [line(30, 31), line(20, 40)]);
  expect(lines.map((each) => each.ts)).toEqual([30, 20, 10]);
  expect(added).toBe(1);
  expect(merged(lines, [line(20, 40)]).lines).toBe(lines);
});

it('keeps two lines of one moment that say different things', () => {
  expect(merged([line(1, 1, 'a')], [line(1, 1, 'b')]).lines).toHaveLength(2);
});

it('lets the oldest go when there are too many', () => {
  const { lines } = merged(Array.from({ length: MOST }, (_, index) => line(MOST - index, 1)), [line(MOST + 1, 2)]);
  expect([lines.length, lines[0]?.ts, lines.at(-1)?.ts]).toEqual([MOST, MOST + 1, 2]);
});

it('asks from before the newest that was received, whatever its own time', () => {
  expect(since([line(99_000_000, 5_000_000), line(1, 6_000_000)], 0)).toBe(6_000_000 - 60_000);
  expect(since([], 7_000_000)).toBe(7_000_000 - 60_000);
});

it('offers filters of plain values', () => {
  expect(attributesOf({ ...line(1, 1), attributes: { logger: 'a.B', n: 1, deep: { x: 1 } } } as unknown as Line)).toEqual([
    { name: 'logger', value: 'a.B', filter: 'logger=a.B' }, { name: 'n', value: '1', filter: 'n=1' }, { name: 'deep', value: '{"x":1}', filter: undefined },
  ]);
});
