import type { Schemas } from '../../api/client';

export type Check = Schemas['Check'];

const ORDER = ['fail', 'unknown', 'warn', 'ok'];

/** What has to be mended comes first; within the same state the server's order stays. */
export function inOrder(checks: Check[]): Check[] {
  return checks.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** One line. What is unknown is said, and is never counted as ready. */
export function verdict(checks: Check[]): string {
  const count = (state: string) => checks.filter((check) => check.state === state).length;
  const parts = [
    [count('fail'), 'fail'],
    [count('unknown'), 'are unknown'],
    [count('warn'), 'warn'],
    [count('ok'), 'are ok'],
  ].filter(([number]) => number !== 0).map(([number, word]) => `${number} ${word}`);
  return `${count('fail') + count('unknown') === 0 ? 'ready' : 'not ready'}: ${parts.join(', ')}`;
}

/** A screen of the console to open, or a page of the documentation to read. */
export function place(link: string): { kind: 'screen'; href: string } | { kind: 'page'; text: string } | { kind: 'none' } {
  if (link === '') return { kind: 'none' };
  if (!link.startsWith('/console/')) return { kind: 'page', text: link };
  const [path = '', query] = link.split('?', 2);
  if (query === undefined) return { kind: 'screen', href: path };
  const equals = query.indexOf('=');
  return { kind: 'screen', href: `${path}?${new URLSearchParams([[query.slice(0, equals), query.slice(equals + 1)]])}` };
}
