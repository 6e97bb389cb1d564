import { keyOf } from './cel';

/** What is changed of many assets, as it is typed. */
export type Typed = { labels: { key: string; value: string; away: boolean }[]; owner: string; region: string; site: string; lifecycle: string };
export const NOTHING: Typed = { labels: [{ key: '', value: '', away: false }], owner: '', region: '', site: '', lifecycle: '' };

/** What is typed as the server takes it; undefined while it changes nothing. */
export function editOf(typed: Typed): Record<string, unknown> | undefined {
  const labels = typed.labels.filter(({ key, value, away }) => key.trim() !== '' && (away || value !== ''));
  const edit = {
    ...(labels.length > 0 && { labels: Object.fromEntries(labels.map(({ key, value, away }) => [key.trim(), away ? '' : value])) }),
    ...(typed.owner.trim() && { owner: typed.owner.trim() }),
    ...(typed.region.trim() && { region: typed.region.trim() }),
    ...(typed.site.trim() && { site: typed.site.trim() }),
    ...(typed.lifecycle && { lifecycle: typed.lifecycle }),
  };
  return Object.keys(edit).length === 0 ? undefined : edit;
}

/** The labels that put an asset into a group whose selector asks for labels alone; undefined when it asks for more. */
export function labelsOf(selector: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const part of selector.split('&&')) {
    const found = /^\s*\(?\s*asset\.labels(?:\.([A-Za-z_]\w*)|\['([^'\\]+)'\])\s*==\s*'([^'\\]+)'\s*\)?\s*$/.exec(part);
    const key = found?.[1] ?? found?.[2];
    if (key === undefined || (labels[key] !== undefined && labels[key] !== found?.[3])) return undefined;
    labels[key] = found?.[3] ?? '';
  }
  return labels;
}

/** A line that says what is changed. */
export function toldOf(edit: Record<string, unknown>): string {
  const labels = Object.entries((edit.labels ?? {}) as Record<string, string>).map(([key, value]) => (value === '' ? `without ${keyOf('labels', key).replace('asset.labels.', '')}` : `${key}=${value}`));
  return [...labels, ...['owner', 'region', 'site', 'lifecycle'].flatMap((field) => (edit[field] ? [`${field} ${String(edit[field])}`] : []))].join(', ');
}
