import { expect, test } from 'vitest';
import { counted, diskState, latency, millis, queueState } from './health';

test('a queue of which nothing is known is unknown, and one that is nearly full is not well however fast it is', () => {
  const queue = { failed: [], bytes: 10, maxBytes: 100, inTime: 0.9995 };
  const { inTime: _, ...unmeasured } = queue;
  expect([queue, unmeasured, { ...queue, inTime: 0.995 }, { ...queue, inTime: 0.5 }, { ...queue, bytes: 95 }, { ...queue, failed: [{ reason: 'disk', count: 1 }] }].map((each) => queueState(each).state)).toEqual(['ok', 'unknown', 'warn', 'fail', 'fail', 'warn']);
});

test('a disk with little room says so', () => {
  expect([50, 10, 2].map((diskFree) => diskState({ diskFree, diskTotal: 100 }).state)).toEqual(['ok', 'warn', 'fail']);
});

test('times and counts are short', () => {
  expect([0.42, 12.4, 1_520, 240_000].map(millis)).toEqual(['0.4 ms', '12 ms', '1.5 s', '4 min']);
  expect([latency(undefined), latency({ p50: 1, p99: 20 })]).toEqual(['nothing lately', 'p50 1.0 ms, p99 20 ms']);
  expect([counted([]), counted([{ reason: 'queue_full', count: 3 }])]).toEqual(['none', '3 queue full']);
});
