import type { Schemas } from '../../../api/client';
import type { Window } from './window';

export type Entry = Schemas['TimelineEntry'];

/** What is drawn for one entry, or for several that lie on each other. */
export type Mark = { x: number; width: number; row: number; entries: Entry[] };

export type Row = { marks: Mark[]; rows: number };

/** Rows of one lane; what has no room in them lies on the last. */
const MOST_ROWS = 3;
/** Narrower spans are drawn as moments. */
const NARROW = 4;
/** Moments that are nearer than this are one mark. */
const NEAR = 9;
const GAP = 2;

/** When an entry ends: what goes on ends now. */
export function endOf(entry: Entry, now: number): number {
  if (entry.open) return now;
  return entry.until === undefined ? Date.parse(entry.at) : Date.parse(entry.until);
}

/** Where the entries of one lane are drawn: spans beside each other in rows, moments together where they cannot be told apart. */
export function layOut(entries: Entry[], window: Window, width: number, now: number): Row {
  const scale = width / (window.to - window.from);
  const place = (at: number) => (at - window.from) * scale;
  const spans: Mark[] = [];
  const moments: { x: number; entry: Entry }[] = [];
  for (const entry of [...entries].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    const from = Math.max(0, place(Date.parse(entry.at)));
    const to = Math.min(width, place(endOf(entry, now)));
    if (to < 0 || from > width) continue;
    if (to - from < NARROW) moments.push({ x: Math.min(from, width), entry });
    else spans.push({ x: from, width: to - from, row: 0, entries: [entry] });
  }
  const ends: number[] = [];
  for (const span of spans) {
    const free = ends.findIndex((end) => end <= span.x + GAP);
    span.row = free >= 0 ? free : Math.min(ends.length, MOST_ROWS - 1);
    ends[span.row] = Math.max(ends[span.row] ?? 0, span.x + span.width);
  }
  return { marks: [...spans, ...together(moments)], rows: Math.max(1, ends.length) };
}

/** Of several the mark is where the first is. */
function together(moments: { x: number; entry: Entry }[]): Mark[] {
  const marks: Mark[] = [];
  for (const { x, entry } of moments) {
    const last = marks.at(-1);
    if (last !== undefined && x - last.x < NEAR) last.entries.push(entry);
    else marks.push({ x, width: 0, row: 0, entries: [entry] });
  }
  return marks;
}

/** The entry that counts most of several. */
export function worst(entries: Entry[]): Entry | undefined {
  const rank = (entry: Entry) => ({ bad: 3, warn: 2, good: 1, plain: 0 })[tone(entry.state)];
  return entries.reduce<Entry | undefined>((most, each) => (most === undefined || rank(each) > rank(most) ? each : most), undefined);
}

export type Tone = 'bad' | 'warn' | 'good' | 'plain';

const TONES: Record<string, Tone> = {
  online: 'good', succeeded: 'good', completed: 'good', resolved: 'plain', verifying: 'good',
  stale: 'warn', drifted: 'warn', expired: 'warn', indeterminate: 'warn', warn: 'warn', restarted: 'warn', stalled: 'bad', rejected: 'bad',
  pending: 'plain', rolling_back: 'warn', returning: 'warn', recovering: 'warn', unreachable: 'warn', confirming_back: 'warn', rolled_back: 'warn',
  offline: 'bad', failed: 'bad', error: 'bad', fatal: 'bad', firing: 'bad', open: 'bad', acknowledged: 'warn', mitigated: 'warn', revoked: 'bad',
  rollback_failed: 'bad', stranded: 'bad', bricked: 'bad', timed_out: 'bad', bricked_suspected: 'bad',
};

/** How loud a state is drawn. */
export function tone(state: string): Tone {
  return TONES[state] ?? 'plain';
}

/** Words of the timeline that no other screen has, by the state whose look they take. */
const AS: Record<string, string> = {
  error: 'failed', fatal: 'failed', debug: 'info', trace: 'info', restarted: 'warn', desired: 'info', decided: 'info', issued: 'valid', received: 'info',
  updated: 'info', created: 'info', drift_resolved: 'in_sync', enforced: 'info', accepted: 'info', bricked_suspected: 'failed',
};

export function looksAs(entry: Entry): string {
  if (entry.lane === 'commands' || entry.lane === 'incidents') return entry.lane === 'incidents' && entry.state === 'open' ? 'firing' : entry.state;
  return AS[entry.state] ?? (entry.lane === 'record' ? 'info' : entry.state);
}

/** The entry that lies nearest to a moment, spans that hold it before all. */
export function nearest(entries: Entry[], at: number, now: number): number {
  let best = -1;
  let least = Infinity;
  entries.forEach((entry, index) => {
    const from = Date.parse(entry.at);
    const distance = Math.abs(from - at) + (from <= at && at <= endOf(entry, now) && entry.lane !== 'presence' ? -1 : 0);
    if (distance < least) {
      least = distance;
      best = index;
    }
  });
  return best;
}
