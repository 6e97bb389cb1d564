import type { Schemas } from '../../api/client';

export type Failure = Schemas['FailureCategory'];

/** A category as people say it. */
export function words({ category, what, how, count }: Pick<Failure, 'category' | 'what' | 'how' | 'count'>): string {
  const times = count > 1 ? ` ${count.toLocaleString()} ×` : '';
  switch (category) {
    case 'command':
      return `${what} ${how}${times}`;
    case 'rollout':
      return `${what}: ${how.replaceAll('_', ' ')}${times}`;
    case 'alert':
      return `${what} (${how})${times}`;
    case 'offline':
      return `went offline${times}: ${[...new Set(what.replaceAll('_', ' ').split(': '))].join(': ')}`;
    default:
      return `${category} ${what}${how === '' ? '' : `: ${how}`}`;
  }
}
