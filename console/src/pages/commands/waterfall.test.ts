import { expect, it } from 'vitest';
import { bars, duration, ofCommand, traceOf, type Span } from './waterfall';

const span = (spanId: string, parentId: string | undefined, start: number, millis: number): Span =>
  ({ spanId, ...(parentId && { parentId }), name: spanId, startNanos: String(1_764_000_000_000_000_000n + BigInt(start) * 1_000_000n), durationNanos: millis * 1e6, status: 'unset' }) as unknown as Span;

it('puts spans below those that they are part of, in the order of their time', () => {
  const { bars: found, nanos } = bars([span('agent', 'root', 30, 60), span('root', 'caller', 0, 100), span('execute', 'agent', 40, 50), span('delivered', 'root', 0, 30), span('other', undefined, 10, 1)]);
  expect(found.map((bar) => [bar.depth, bar.span.spanId, bar.from, bar.length])).toEqual([[0, 'root', 0, 1], [1, 'delivered', 0, 0.3], [1, 'agent', 0.3, 0.6], [2, 'execute', 0.4, 0.5], [0, 'other', 0.1, 0.01]]);
  expect(nanos).toBe(100e6);
});

it('ends although spans name each other', () => {
  expect(bars([span('a', 'b', 0, 1), span('b', 'a', 0, 1), span('c', 'c', 0, 1)]).bars.map((bar) => bar.span.spanId)).toEqual(['c']);
});

it('leaves out what another command did in the same trace', () => {
  const spans = [span('00000000000000b1', '00000000000000b7', 0, 1), span('00000000000000b7', 'caller', 0, 1), span('00000000000000b2', '00000000000000b1', 0, 1), span('00000000000000c1', '00000000000000c0', 0, 1)];
  expect(ofCommand(spans, '00-0af7651916cd43dd8448eb211c80319c-00000000000000b7-01').map((each) => each.spanId)).toEqual(['00000000000000b1', '00000000000000b7', '00000000000000b2']);
});

it('finds the trace of a command', () => {
  expect(traceOf('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')).toBe('0af7651916cd43dd8448eb211c80319c');
  expect(traceOf('zz')).toBeUndefined();
});

it('says how long something took', () => {
  expect([250_000, 12_340_000, 3_400_000_000, 600e9].map(duration)).toEqual(['250 µs', '12.3 ms', '3.4 s', '10 min']);
});
