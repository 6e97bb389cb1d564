import type { Schemas } from '../../api/client';

/** Where most of the values of other assets lie, over time. */
export type Band = { assets: number; xs: number[]; low: number[]; middle: number[]; high: number[] };

/** Whom an asset can be compared with. */
export type Peers = { value: string; label: string; selector: string };

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

type Like = { type: string; region: string; site: string; hardware: string };
export type Grouped = { metadata: { name: string }; spec: { selector: string } };

/** Its type, those of its type that share a place or hardware with it, and the groups. */
export function peers(asset: Like, groups: Grouped[]): Peers[] {
  const type = `asset.type == ${quoted(asset.type)}`;
  const shared = (['region', 'site', 'hardware'] as const).filter((field) => asset[field] !== '').map((field) => ({
    value: field, label: `${asset.type} of ${field} ${asset[field]}`, selector: `${type} && asset.${field} == ${quoted(asset[field])}`,
  }));
  return [
    { value: 'type', label: `all of type ${asset.type}`, selector: type },
    ...shared,
    ...groups.map(({ metadata, spec }) => ({ value: `group:${metadata.name}`, label: `group ${metadata.name}`, selector: spec.selector })),
  ];
}

/** The percentiles of the one group that all were put into. */
export function bandOf(answer: Pick<Schemas['GroupTelemetry'], 'groups' | 'assets'>): Band {
  const points = answer.groups[0]?.points ?? [];
  return { assets: answer.assets, xs: points.map((point) => point.ts / 1000), low: points.map((point) => point.p10), middle: points.map((point) => point.p50), high: points.map((point) => point.p90) };
}

/** How the newest value stands to the band of its time, or undefined when there is none of that time. */
export function placeOf(band: Band, latest: { ts: number; value?: unknown } | undefined): string | undefined {
  if (latest === undefined || typeof latest.value !== 'number') return undefined;
  const index = band.xs.findLastIndex((at) => at * 1000 <= latest.ts);
  const low = band.low[index];
  const high = band.high[index];
  const step = (band.xs[1] ?? 0) - (band.xs[0] ?? 0);
  if (low === undefined || high === undefined || latest.ts / 1000 - (band.xs[index] ?? 0) > Math.max(step * 3, 300)) return undefined;
  // The server's percentiles are within one percent.
  if (latest.value < low - Math.abs(low) * 0.01) return 'below most';
  return latest.value > high + Math.abs(high) * 0.01 ? 'above most' : 'as most';
}
