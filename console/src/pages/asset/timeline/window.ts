/** A span of time on the axis, milliseconds since the epoch. */
export type Window = { from: number; to: number };

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Ends of the zoom: what a person can tell apart, and what is kept. */
export const SHORTEST = 10_000;
export const LONGEST = 400 * DAY;

/** What is followed up to now, by its name in the address. */
export const RANGES: Record<string, number> = { '1h': HOUR, '6h': 6 * HOUR, '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY };
export const USUAL = '24h';

/** Shown around a moment when the address names no span. */
const AROUND = 30 * MINUTE;

export type Place = { from?: string | undefined; to?: string | undefined; at?: string | undefined; range?: string | undefined };

/** What the address says is shown; without a span the time up to now, or around the moment that it names. */
export function windowOf(place: Place, now: number): Window & { live: boolean } {
  const from = time(place.from);
  const to = time(place.to);
  const at = time(place.at);
  const length = RANGES[place.range ?? USUAL] ?? DAY;
  if (from !== undefined && to !== undefined && to > from) return { ...bounded({ from, to }, now), live: false };
  if (from !== undefined) return { ...bounded({ from, to: from + length }, now), live: false };
  if (to !== undefined) return { ...bounded({ from: to - length, to }, now), live: false };
  if (at !== undefined && (at < now - length || place.range === undefined)) return { ...bounded({ from: at - AROUND, to: at + AROUND }, now), live: false };
  return { from: now - length, to: now, live: true };
}

export function time(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  return Number.isFinite(at) ? at : undefined;
}

/** Not shorter, longer or later than makes sense; its middle stays where it is as far as that goes. */
export function bounded(window: Window, now: number): Window {
  const length = Math.min(LONGEST, Math.max(SHORTEST, window.to - window.from));
  const middle = (window.from + window.to) / 2;
  const latest = Math.max(now + length / 10, now + SHORTEST);
  const to = Math.min(Math.round(middle + length / 2), Math.round(latest));
  return { from: to - Math.round(length), to };
}

/** @param at stays under the pointer */
export function zoomed(window: Window, factor: number, at: number, now: number): Window {
  const length = Math.min(LONGEST, Math.max(SHORTEST, (window.to - window.from) * factor));
  const share = (at - window.from) / (window.to - window.from);
  const from = at - share * length;
  return bounded({ from, to: from + length }, now);
}

/** @param share of its length; negative goes back in time */
export function moved(window: Window, share: number, now: number): Window {
  const by = (window.to - window.from) * share;
  return bounded({ from: window.from + by, to: window.to + by }, now);
}

const STEPS = [1, 2, 5, 10, 15, 30].flatMap((n) => [n * 1000]).concat([1, 2, 5, 10, 15, 30].map((n) => n * MINUTE), [1, 2, 3, 6, 12].map((n) => n * HOUR), [1, 2, 7, 14, 30, 90].map((n) => n * DAY));

/** Round moments of the window, at most so many; days begin at midnight of the zone. */
export function ticks(window: Window, most: number, zone: string): number[] {
  const step = STEPS.find((each) => (window.to - window.from) / each <= most) ?? 180 * DAY;
  const shift = -offsetOf(zone, window.from);
  const first = Math.ceil((window.from - shift) / step) * step + shift;
  const found: number[] = [];
  for (let at = first; at <= window.to; at += step) found.push(at);
  return found;
}

/** What the clock of a zone is ahead of UTC, in milliseconds. */
function offsetOf(zone: string, at: number): number {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * MINUTE);
}

/** As the address has it: to the second where that is enough. */
export function iso(at: number): string {
  return new Date(Math.round(at)).toISOString().replace('.000Z', 'Z');
}
