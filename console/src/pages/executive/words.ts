import type { Schemas } from '../../api/client';
import { bytes } from '../../ui/size';

type Item = Pick<Schemas['FleetGrowthItem'], 'name' | 'forecast'>;
type Disk = Schemas['FleetDisk'];

/** Ranges of the address, as the server takes them. */
export const RANGES = ['24h', '7d', '30d', '90d'] as const;

export function rangeOf(text: string | undefined): (typeof RANGES)[number] {
  return RANGES.find((known) => known === text) ?? '24h';
}

/** A quantity of a name as people say it. */
export function amount(name: string, value: number): string {
  if (name === 'storage') return bytes(value);
  return value.toLocaleString(undefined, { maximumFractionDigits: value !== 0 && Math.abs(value) < 10 ? 1 : 0 });
}

/** What is expected, or why nothing is; never a number without its band. */
export function expected({ name, forecast }: Item): string {
  const { perDay, ahead, why } = forecast;
  if (perDay === undefined || ahead.length === 0) return `No forecast: ${why ?? 'nothing is known'}.`;
  const last = ahead.at(-1);
  if (last === undefined) return 'No forecast.';
  const [low, high] = [amount(name, last.low), amount(name, last.high)];
  return `${perDay < 0 ? '−' : '+'}${amount(name, Math.abs(perDay))} a day; in ${last.days} days about ${amount(name, last.value)}${low === high ? '' : ` (${low} to ${high})`}. Rests on ${Math.floor(forecast.days)} days.`;
}

/** When the disk is full, as far as that can be foreseen. */
export function full(disk: Disk): string {
  const free = `${bytes(disk.free)} of ${bytes(disk.total)} are free`;
  if (disk.fullInDays !== undefined) return `${free}; full in about ${Math.max(1, Math.round(disk.fullInDays))} days at this growth.`;
  if (disk.foreseenDays > 0) return `${free}; not full within the ${Math.floor(disk.foreseenDays)} days that can be foreseen.`;
  return `${free}; when it is full cannot be foreseen yet.`;
}

/** How two shares differ, in points of a per cent; nothing where one is not known. */
export function change(value: number | undefined, before: number | undefined): { points: number; text: string } | undefined {
  if (value === undefined || before === undefined) return undefined;
  const points = (value - before) * 100;
  const shown = Math.abs(points) < 0.05 ? '±0.0' : `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)}`;
  return { points: shown === '±0.0' ? 0 : points, text: shown };
}

export type Region = { name: string; assets: number; online: number; share: number | undefined; trend: Schemas['FleetScopeTrend'] | undefined };

/** Regions as they are now, with how they went; those with the least online first. */
export function regionsOf(shares: Schemas['Share'][], scopes: Schemas['FleetScopeTrend'][]): Region[] {
  const trends = new Map(scopes.map((scope) => [scope.scope, scope]));
  return shares
    .map(({ name, assets, presence }) => ({ name, assets, online: presence.online ?? 0, share: assets === 0 ? undefined : (presence.online ?? 0) / assets, trend: name === '' ? undefined : trends.get(`region/${name}`) }))
    .sort((one, other) => (one.share ?? 1) - (other.share ?? 1) || other.assets - one.assets || one.name.localeCompare(other.name));
}

/** With a gap where nobody looked for longer than usual: a line over it would say what nobody knows. */
export function unbridged(dots: { at: number; value: number }[]): { at: number; value: number | null }[] {
  const apart = dots.slice(1).map((dot, index) => dot.at - (dots[index]?.at ?? 0)).sort((one, other) => one - other);
  const usual = apart[Math.floor(apart.length / 2)] ?? 0;
  return dots.flatMap((dot, index) => {
    const before = dots[index - 1];
    return before !== undefined && dot.at - before.at > 3 * usual ? [{ at: before.at + usual, value: null }, dot] : [dot];
  });
}

/** From when to when lines are drawn: the whole range, or what is known of it where that is less than a quarter; all regions alike. */
export function drawn(trend: Pick<Schemas['FleetTrend'], 'from' | 'to' | 'scopes'> | undefined): { from?: number; to?: number; known?: number } {
  if (trend?.from === undefined || trend.to === undefined) return {};
  const [from, to] = [new Date(trend.from).getTime(), new Date(trend.to).getTime()];
  const first = Math.min(...trend.scopes.flatMap(({ steps }) => (steps[0] === undefined ? [] : [new Date(steps[0].at).getTime()])));
  if (!Number.isFinite(first) || first - from < (to - from) * 0.05) return { from, to };
  return { from: to - first < (to - from) / 4 ? first : from, to, known: first };
}
