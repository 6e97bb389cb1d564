import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Asset } from '../../api/hooks';
import { State } from '../../ui/state';
import type { Column } from '../../ui/table';
import { measured } from '../../ui/measured';
import { Ago, ago, useNow } from '../../ui/time';
import type { Metric } from '../types/type';
import type { Latest } from './latest';

const DIM = (text: string) => (text === '' ? <Text inherit span c="dimmed">–</Text> : text);

/** What a list of assets can show, in the order in which it is offered. */
const KNOWN: Column<Asset>[] = [
  { key: 'id', title: 'Asset', width: 'minmax(11.5rem, 1.6fr)', cell: (asset) => <Link to="/assets/$id" params={{ id: asset.id }} className="plain"><b>{asset.id}</b></Link> },
  { key: 'presence', title: 'Presence', width: '7.75rem', cell: (asset) => <State value={asset.presence} /> },
  { key: 'seen', title: 'Last seen', width: '6.5rem', cell: (asset) => <Ago at={asset.lastSeen} />, wide: true },
  { key: 'type', title: 'Type', width: 'minmax(7rem, 1fr)', cell: (asset) => asset.type, wide: true },
  { key: 'lifecycle', title: 'Lifecycle', width: '8.25rem', cell: (asset) => <State value={asset.lifecycle} />, wide: true },
  { key: 'region', title: 'Region', width: 'minmax(6.5rem, 1fr)', cell: (asset) => DIM(asset.region), wide: true },
  { key: 'site', title: 'Site', width: 'minmax(6rem, 1.8fr)', cell: (asset) => DIM(asset.site), wide: true },
  { key: 'owner', title: 'Owner', width: 'minmax(5rem, 1fr)', cell: (asset) => DIM(asset.owner), wide: true },
  { key: 'hardware', title: 'Hardware', width: 'minmax(5rem, 1fr)', cell: (asset) => DIM(asset.hardware), wide: true },
  { key: 'since', title: 'Presence since', width: '7.5rem', cell: (asset) => <Ago at={asset.presenceSince} />, wide: true },
  { key: 'certificate', title: 'Certificate ends', width: '8rem', cell: (asset) => <Ago at={asset.certificateExpires} none="has none" />, wide: true },
  { key: 'created', title: 'Registered', width: '7rem', cell: (asset) => <Ago at={asset.created} />, wide: true },
  { key: 'updated', title: 'Changed', width: '7rem', cell: (asset) => <Ago at={asset.updated} />, wide: true },
  {
    key: 'labels',
    title: 'Labels',
    width: 'minmax(12rem, 2fr)',
    cell: (asset) => <Text size="xs" c="dimmed" truncate>{Object.entries(asset.labels).map(([key, value]) => `${key}=${value}`).join(' ')}</Text>,
    wide: true,
  },
];

export const USUAL = ['id', 'presence', 'seen', 'type', 'lifecycle', 'region', 'site', 'labels'];

/** What the columns of metrics need: the values that are known, and what the type says about them. */
export type Measures = { latest: Latest; metrics: Record<string, Metric> };

/** Columns that the address or somebody's memory names; those that are unknown are left out. */
export function columnsOf(keys: string[], measures: Measures): Column<Asset>[] {
  const wanted = keys.includes('id') ? keys : ['id', ...keys];
  return wanted.flatMap((key) => KNOWN.filter((column) => column.key === key).concat(named(key, measures)));
}

/** A column of one label, one component's version or one metric. */
function named(key: string, { latest, metrics }: Measures): Column<Asset>[] {
  const dot = key.indexOf('.');
  const name = key.slice(dot + 1);
  if (dot < 0 || name === '') return [];
  switch (key.slice(0, dot)) {
    case 'labels':
      return [{ key, title: name, width: 'minmax(5rem, 1fr)', cell: (asset) => DIM(asset.labels[name] ?? ''), wide: true }];
    case 'software':
      return [{ key, title: `${name} version`, width: 'minmax(6.5rem, 1fr)', cell: (asset) => DIM(asset.software[name] ?? ''), wide: true }];
    case 'metrics':
      return [{ key, title: <span title={metrics[name]?.description}>{name}</span>, width: 'minmax(8rem, 1fr)', numeric: true, cell: (asset) => <Measured asset={asset} value={latest.get(asset.id)?.[name]} unit={metrics[name]?.unit} />, wide: true }];
    default:
      return [];
  }
}

/** What an asset measured last; grey while nobody knows whether it still holds. */
function Measured({ asset, value, unit }: { asset: Asset; value: { ts: number; value?: unknown } | undefined; unit: string | undefined }) {
  const now = useNow();
  if (value === undefined) return DIM('');
  return <Text inherit span title={`measured ${ago(value.ts, now)}`} {...(asset.presence !== 'online' && { c: 'dimmed' })}>{measured(value.value, unit)}</Text>;
}

/** The metrics among columns. */
export function metricsIn(keys: string[]): string[] {
  return keys.filter((key) => key.startsWith('metrics.') && key.length > 'metrics.'.length).map((key) => key.slice('metrics.'.length));
}

export type Offer = { key: string; title: string; kind?: 'label' | 'version' | 'metric' };

/** Everything that can be shown: what all assets have, then the versions, metrics and labels that there are. */
export function offered({ labels, software, metrics }: { labels: string[]; software: string[]; metrics: string[] }, shown: string[]): Offer[] {
  const whole = (name: string) => !name.includes(' ');
  return [
    ...KNOWN.map(({ key, title }) => ({ key, title: String(title) })),
    ...software.filter(whole).map((name): Offer => ({ key: `software.${name}`, title: name, kind: 'version' })),
    ...[...new Set([...metrics, ...metricsIn(shown)])].map((name): Offer => ({ key: `metrics.${name}`, title: name, kind: 'metric' })),
    ...labels.filter(whole).map((name): Offer => ({ key: `labels.${name}`, title: name, kind: 'label' })),
  ];
}

const MEMORY = 'muster.assets.columns';

/** Columns that were chosen on this browser for a type of assets, or for all. */
export function remembered(type: string): string[] | undefined {
  try {
    const all = JSON.parse(window.localStorage.getItem(MEMORY) ?? '{}') as Record<string, unknown>;
    const keys = all[type];
    return Array.isArray(keys) && keys.every((key) => typeof key === 'string') ? keys : undefined;
  } catch {
    return undefined; // written by another version, or no storage is allowed here
  }
}

export function remember(type: string, keys: string[] | undefined): void {
  try {
    const all = JSON.parse(window.localStorage.getItem(MEMORY) ?? '{}') as Record<string, unknown>;
    if (keys === undefined) delete all[type];
    else all[type] = keys;
    window.localStorage.setItem(MEMORY, JSON.stringify(all));
  } catch {
    // Then the address alone remembers it.
  }
}
