import type { Schemas } from '../../api/client';
import { bytes } from '../../ui/size';

type Latency = Schemas['SystemLatency'];

/** 0.4 ms, 12 ms, 1.5 s, 4 min. */
export function millis(value: number): string {
  if (value < 10) return `${value.toFixed(1)} ms`;
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 120_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${Math.round(value / 60_000)} min`;
}

export function latency(of: Latency | undefined): string {
  return of === undefined ? 'nothing lately' : `p50 ${millis(of.p50)}, p99 ${millis(of.p99)}`;
}

/** none, or how many by reason. */
export function counted(counts: { reason: string; count: number }[]): string {
  if (counts.length === 0) return 'none';
  return counts.map(({ reason, count }) => `${count.toLocaleString()} ${reason.replaceAll('_', ' ')}`).join(', ');
}

type Judged = { state: 'ok' | 'warn' | 'fail' | 'unknown'; why: string };

/** M9 asks for 99.9 % in time. What nobody measured is unknown, and refusing is never well. */
export function queueState(queue: Pick<Schemas['SystemQueue'], 'inTime' | 'bytes' | 'maxBytes' | 'failed'>): Judged {
  const used = queue.bytes !== undefined && queue.maxBytes ? queue.bytes / queue.maxBytes : 0;
  if (used > 0.9) return { state: 'fail', why: 'the journal is nearly full: what comes will soon have to wait' };
  if (queue.failed.length > 0) return { state: 'warn', why: 'entries could not be made durable since the start' };
  if (queue.inTime === undefined) return { state: 'unknown', why: 'nothing was measured in the last hour' };
  if (queue.inTime < 0.99) return { state: 'fail', why: 'less than 99 % were in time in the last hour' };
  if (queue.inTime < 0.999) return { state: 'warn', why: 'less than 99.9 % were in time in the last hour' };
  return { state: 'ok', why: 'at least 99.9 % were in time in the last hour' };
}

export function diskState({ diskFree, diskTotal }: Pick<Schemas['StoredBytes'], 'diskFree' | 'diskTotal'>): Judged {
  const share = diskTotal === 0 ? 0 : diskFree / diskTotal;
  if (share < 0.05) return { state: 'fail', why: `${bytes(diskFree)} are free` };
  if (share < 0.15) return { state: 'warn', why: `${bytes(diskFree)} are free` };
  return { state: 'ok', why: `${Math.floor(share * 100)} % of the fullest disk are free` };
}
