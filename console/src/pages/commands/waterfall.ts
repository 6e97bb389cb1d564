import type { Schemas } from '../../api/client';

export type Span = Schemas['SpanView'];

/** A line of the waterfall: where it lies within the whole, in shares of it. */
export type Bar = { span: Span; depth: number; from: number; length: number; offset: number };

/** The trace of a `traceparent`, or undefined when it has none. */
export function traceOf(traceparent: string | undefined): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? '')?.[1];
}

/** The spans of one command, of a trace that others may be in: its own, named by its `traceparent`, and all below it. */
export function ofCommand(spans: Span[], traceparent: string): Span[] {
  const own = new Set([traceparent.slice(36, 52)]);
  for (let before = 0; before !== own.size; ) {
    before = own.size;
    for (const span of spans) if (span.parentId && own.has(span.parentId)) own.add(span.spanId);
  }
  return spans.filter((span) => own.has(span.spanId));
}

/** Spans below those that they are part of, in the order of their time; what has no known parent stands at the top. */
export function bars(spans: Span[]): { bars: Bar[]; nanos: number } {
  const starts = spans.map((span) => BigInt(span.startNanos));
  const first = starts.reduce((least, each) => (each < least ? each : least), starts[0] ?? 0n);
  const since = (span: Span) => Number(BigInt(span.startNanos) - first);
  const nanos = Math.max(1, ...spans.map((span) => since(span) + span.durationNanos));
  const known = new Set(spans.map((span) => span.spanId));
  const below = new Map<string, Span[]>();
  for (const span of spans) {
    const parent = span.parentId !== undefined && span.parentId !== null && span.parentId !== span.spanId && known.has(span.parentId) ? span.parentId : '';
    below.set(parent, [...(below.get(parent) ?? []), span]);
  }
  const found: Bar[] = [];
  const placed = new Set<string>();
  const place = (parent: string, depth: number) => {
    const inOrder = [...(below.get(parent) ?? [])].sort((a, b) => since(a) - since(b) || b.durationNanos - a.durationNanos);
    for (const span of inOrder) {
      if (placed.has(span.spanId)) continue;
      placed.add(span.spanId);
      found.push({ span, depth, from: since(span) / nanos, length: span.durationNanos / nanos, offset: since(span) });
      place(span.spanId, depth + 1);
    }
  };
  place('', 0);
  return { bars: found, nanos };
}

/** 250 µs, 12 ms, 3.4 s, 2 min. */
export function duration(nanos: number): string {
  if (nanos < 1_000_000) return `${Math.round(nanos / 1000)} µs`;
  if (nanos < 1e9) return `${Number((nanos / 1e6).toPrecision(3))} ms`;
  if (nanos < 120e9) return `${Number((nanos / 1e9).toPrecision(3))} s`;
  return `${Math.round(nanos / 60e9)} min`;
}
