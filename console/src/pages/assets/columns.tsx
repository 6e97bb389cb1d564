import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Asset } from '../../api/hooks';
import { State } from '../../ui/state';
import type { Column } from '../../ui/table';
import { Ago } from '../../ui/time';

const DIM = (text: string) => (text === '' ? <Text inherit span c="dimmed">–</Text> : text);

/** What a list of assets can show, in the order in which it is offered. */
const KNOWN: Column<Asset>[] = [
  { key: 'id', title: 'Asset', width: 'minmax(11.5rem, 2fr)', cell: (asset) => <Link to="/assets/$id" params={{ id: asset.id }} className="plain"><b>{asset.id}</b></Link> },
  { key: 'presence', title: 'Presence', width: '7.75rem', cell: (asset) => <State value={asset.presence} /> },
  { key: 'seen', title: 'Last seen', width: '6.5rem', cell: (asset) => <Ago at={asset.lastSeen} />, wide: true },
  { key: 'type', title: 'Type', width: 'minmax(7rem, 1fr)', cell: (asset) => asset.type, wide: true },
  { key: 'lifecycle', title: 'Lifecycle', width: '8.25rem', cell: (asset) => <State value={asset.lifecycle} />, wide: true },
  { key: 'region', title: 'Region', width: 'minmax(6.5rem, 1fr)', cell: (asset) => DIM(asset.region), wide: true },
  { key: 'site', title: 'Site', width: 'minmax(6rem, 1.4fr)', cell: (asset) => DIM(asset.site), wide: true },
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

/** Columns that the address or somebody's memory names; those that are unknown are left out. */
export function columnsOf(keys: string[]): Column<Asset>[] {
  const wanted = keys.includes('id') ? keys : ['id', ...keys];
  return wanted.flatMap((key) => KNOWN.filter((column) => column.key === key).concat(label(key)));
}

function label(key: string): Column<Asset>[] {
  if (!key.startsWith('labels.') || key.length === 'labels.'.length) return [];
  const name = key.slice('labels.'.length);
  return [{ key, title: name, width: 'minmax(5rem, 1fr)', cell: (asset) => DIM(asset.labels[name] ?? ''), wide: true }];
}

/** Everything that can be shown, with the labels that assets have. */
export function offered(labels: string[]): { key: string; title: string }[] {
  return [...KNOWN.map(({ key, title }) => ({ key, title: String(title) })), ...labels.map((name) => ({ key: `labels.${name}`, title: name }))];
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
