import { raw } from '../../api/client';

export type Fix = { ts: number; lat: number; lon: number };

/** Longer without a position is a gap, not a straight way. */
const GAP_MS = 60 * 60_000;
const PAGE = 1000;
export const MOST_FIXES = 5 * PAGE;

export const RANGES: Record<string, { title: string; minutes: number }> = {
  '1h': { title: 'last hour', minutes: 60 },
  '24h': { title: 'last 24 hours', minutes: 24 * 60 },
  '7d': { title: 'last 7 days', minutes: 7 * 24 * 60 },
};

/** Positions of an asset, oldest first; the newest {@link MOST_FIXES} of them. */
export async function track(asset: string, from: string): Promise<Fix[]> {
  const fixes: Fix[] = [];
  let next: string | undefined = '';
  while (next !== undefined && fixes.length < MOST_FIXES) {
    const query = new URLSearchParams({ from, limit: String(PAGE), ...(next && { continue: next }) });
    const page = (await (await raw('GET', `/api/v1/assets/${encodeURIComponent(asset)}/positions?${query}`)).json()) as { items: Fix[]; continue?: string };
    fixes.push(...page.items);
    next = page.continue;
  }
  return fixes.reverse();
}

/** Ways without gaps. */
export function pieces(fixes: Fix[]): Fix[][] {
  const found: Fix[][] = [];
  for (const fix of fixes) {
    const last = found.at(-1);
    if (last && fix.ts - (last.at(-1)?.ts ?? 0) <= GAP_MS) last.push(fix);
    else found.push([fix]);
  }
  return found;
}
