import type { Schemas } from '../../api/client';

export type Slo = { name: string; title: string; status: Schemas['StatusView']; declared: Schemas['SloView'] };

export const SLO_STATES = ['exhausted', 'burning', 'ok', 'unknown'] as const;

/** What the server says of an objective; without a status it is unknown, never well. */
export function sloOf(view: Schemas['SloView']): Slo {
  const { name, displayName } = view.metadata as { name?: string; displayName?: string };
  const none: Schemas['StatusView'] = { sli: '–', scope: '–', state: 'unknown', target: Number.NaN, good: 0, bad: 0, stale: 0, unknown: 0, alerts: [] };
  return { name: name ?? '–', title: displayName ?? '', status: view.status ?? none, declared: view };
}

/** How many stand where; every state is there, so that none of something is told too. */
export function tally(slos: Slo[]): Record<(typeof SLO_STATES)[number], number> {
  const counts = { exhausted: 0, burning: 0, ok: 0, unknown: 0 };
  for (const { status } of slos) counts[SLO_STATES.find((state) => state === status.state) ?? 'unknown']++;
  return counts;
}

/** A share in percent, rounded down, with two digits of what is missing: 99.95 % is not 100 %. */
export function share(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return 'unknown';
  if (value === 1 || value === 0) return `${value * 100} %`;
  const percent = value * 100;
  const digits = percent > 99 ? Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(100 - percent)))) : 1;
  return `${Number((Math.floor(percent * 10 ** digits + 1e-6) / 10 ** digits).toFixed(digits))} %`;
}

/** What is left of the budget; how many times it was spent when that is more than once. */
export function left(remaining: number | undefined): string {
  if (remaining === undefined) return 'unknown';
  if (remaining >= 0) return `${Math.floor(remaining * 100)} %`;
  const times = 1 - remaining;
  return `spent ${(times < 10 ? Math.floor(times * 10) / 10 : Math.floor(times)).toLocaleString()} ×`;
}

/** PT53H20M as 2 d 5 h: the server's duration, to the two largest units. */
export function lasts(text: string | undefined): string | undefined {
  const found = text === undefined ? null : /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(text);
  if (found === null) return text;
  const hours = Number(found[1] ?? 0);
  const parts: [number, string][] = [[Math.floor(hours / 24), 'd'], [hours % 24, 'h'], [Number(found[2] ?? 0), 'min'], [Math.round(Number(found[3] ?? 0)), 's']];
  const from = parts.findIndex(([count]) => count > 0);
  return from < 0 ? '0 s' : parts.slice(from, from + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** The points of a history as columns for charts; what is unknown is null, which is a gap and not a zero. */
export function columns(history: Schemas['BurnHistory']): { xs: number[]; remaining: (number | null)[]; burn: (number | null)[][] } {
  return {
    xs: history.points.map((point) => Date.parse(point.at) / 1000),
    remaining: history.points.map((point) => point.remaining ?? null),
    burn: history.windows.map((_, index) => history.points.map((point) => point.burn[index] ?? null)),
  };
}

export const CAUSES = ['region', 'site', 'type', 'release', 'hardware', 'group', 'owner', 'asset'] as const;

/** The worst five of a kind. */
export function byKind<T extends { by: string; bad: number }>(causes: T[], kind: string): T[] {
  return causes.filter((cause) => cause.by === kind).sort((one, other) => other.bad - one.bad).slice(0, 5);
}
