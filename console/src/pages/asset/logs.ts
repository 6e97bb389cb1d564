import type { Schemas } from '../../api/client';

export type Line = Schemas['LogView'];

/** Lines that are shown at most while they are followed; the oldest make room. */
export const MOST = 5_000;
/** Lines of an asset can be stored a little out of their order: each question goes back by this. */
export const OVERLAP = 60_000;
/** Pages of one question; when there is more the list is asked for anew. */
export const MOST_PAGES = 5;
export const PAGE = 1_000;

/** What makes a line the same when it is heard of again. */
export function keyOf(line: Line): string {
  return `${line.ts} ${line.receivedAt} ${line.severity} ${line.body} ${JSON.stringify(line.attributes)}`;
}

/** Newest first, each once, and no more than fit. */
export function merged(known: Line[], fresh: Line[]): { lines: Line[]; added: number } {
  const keys = new Set(known.map(keyOf));
  const added = fresh.filter((line) => {
    const key = keyOf(line);
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  });
  if (added.length === 0) return { lines: known, added: 0 };
  return { lines: [...added, ...known].sort((a, b) => b.ts - a.ts || b.receivedAt - a.receivedAt).slice(0, MOST), added: added.length };
}

/** From when on the server has to be asked, by the time at which it received what is known. */
export function since(known: Line[], opened: number): number {
  return known.reduce((most, line) => Math.max(most, line.receivedAt), opened) - OVERLAP;
}

/** Names and values of what a line bears, as a filter takes them; values that are objects cannot be filtered by. */
export function attributesOf(line: Line): { name: string; value: string; filter: string | undefined }[] {
  return Object.entries((line.attributes ?? {}) as Record<string, unknown>).map(([name, value]) => {
    const plain = value === null || typeof value !== 'object';
    return { name, value: typeof value === 'string' ? value : JSON.stringify(value), filter: plain && !name.includes('=') ? `${name}=${String(value)}` : undefined };
  });
}
