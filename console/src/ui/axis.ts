import { zone as shownZone } from './zone';

const FACTORS: [number, string][] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

/** A number as a scale has room for it: 12.4G, 980k, 0.25. */
export function short(value: number | null): string {
  if (value === null) return '';
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential(0);
  const [factor, sign] = size < 10_000 ? [1, ''] : (FACTORS.find(([least]) => size >= least) ?? [1, '']);
  return `${Number((value / factor).toPrecision(4))}${sign}`;
}

/** A moment on a scale of so many seconds, by the clock of a zone: as exact as the scale needs. */
export function moment(seconds: number, span: number, zone: string = shownZone()): string {
  const parts = Object.fromEntries(format(zone).formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  const time = `${parts.hour}:${parts.minute}`;
  if (span > 86_400) return `${parts.month}-${parts.day} ${time}`;
  return span < 1_800 && parts.second !== '00' ? `${time}:${parts.second}` : time;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let known = formats.get(zone);
  if (known === undefined) {
    known = new Intl.DateTimeFormat('en', { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: zone });
    formats.set(zone, known);
  }
  return known;
}
