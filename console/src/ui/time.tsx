import { Text, Tooltip } from '@mantine/core';
import { useEffect, useSyncExternalStore } from 'react';
import { lookAt, useZone, zone, zoneOf } from './zone';

/** The time of all relative times on the screen: they move together, once in five seconds. */
let now = Date.now();
const watchers = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  watchers.forEach((watch) => watch());
}, 5000);

export function useNow(): number {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => now,
  );
}

const UNITS: [number, string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** 3 h, 12 min, 5 s: the largest unit that fits. */
export function span(seconds: number): string {
  const whole = Math.abs(Math.round(seconds));
  for (const [size, unit] of UNITS) {
    if (whole >= size) return `${Math.floor(whole / size)} ${unit}`;
  }
  return '0 s';
}

/** 1 h 30 min, of PT1H30M: how a machine writes a duration. */
export function lasting(iso: string): string {
  const [, hours, minutes, seconds] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(iso) ?? [];
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, seconds && `${seconds} s`].filter(Boolean);
  return parts.length === 0 ? iso : parts.join(' ');
}

export function ago(at: string | number, relativeTo: number): string {
  const seconds = (relativeTo - new Date(at).getTime()) / 1000;
  // The clock of the screen moves once in five seconds: what was done meanwhile is not to come.
  if (seconds < 1 && seconds > -6) return 'now';
  return seconds > 0 ? `${span(seconds)} ago` : `in ${span(seconds)}`;
}

/** For questions to the server, which knows absolute times only. */
export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string): Intl.DateTimeFormat {
  let known = formats.get(name);
  if (known === undefined) {
    known = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short', timeZone: name });
    formats.set(name, known);
  }
  return known;
}

/** Date, time and zone, by the clock that was chosen. */
export function absolute(at: string | number): string {
  return format(zone()).format(new Date(at));
}

const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A sentence of the server with the moments in it by the clock that was chosen. */
export function inOurTime(text: string): string {
  return text.replace(ISO, (at) => absolute(at));
}

/** A moment as date, time and zone, by the clock that was chosen; how long ago on hover. */
export function Absolute({ at, none = 'never' }: { at: string | number | null | undefined; none?: string }) {
  useZone();
  if (at === null || at === undefined || at === '') return <Text span inherit c="dimmed">{none}</Text>;
  return <time dateTime={new Date(at).toISOString()} title={ago(at, Date.now())} style={{ whiteSpace: 'nowrap' }}>{absolute(at)}</time>;
}

/** For the screen of one asset: moments are shown by its own clock when that was chosen. */
export function useClockOf(labels: Record<string, string> | undefined): void {
  const name = zoneOf(labels);
  useZone();
  useEffect(() => {
    lookAt(name);
    return () => lookAt(undefined);
  }, [name]);
}

/** How long since a moment. */
export function Since({ at }: { at: string }) {
  const current = useNow();
  useZone();
  return <time dateTime={at} title={absolute(at)}>{span((current - new Date(at).getTime()) / 1000)}</time>;
}

/** A moment, relative; the absolute one on hover, for a screen reader and in the machine's form. */
export function Ago({ at, none = 'never' }: { at: string | null | undefined; none?: string }) {
  const current = useNow();
  useZone();
  if (!at) return <Text span inherit c="dimmed">{none}</Text>;
  return (
    <Tooltip label={`${absolute(at)} (${at})`} openDelay={300}>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>{ago(at, current)}</time>
    </Tooltip>
  );
}
