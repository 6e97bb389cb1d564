import type { Schemas } from '../../api/client';

export type Change = Schemas['FleetChange'];

const DONE: Record<string, string> = {
  'rollout.open_wave': 'opened its next wave',
  'rollout.create': 'was declared',
  'rollout.update': 'was changed',
  'rollout.rollback': 'is rolled back',
  'rollout.roll_back': 'is rolled back',
  'rollout.complete': 'completed',
  'rollout.end': 'ended',
  'release.publish': 'was published',
  'release.withhold': 'is withheld',
  'release.release': 'is out of quarantine',
  'command-run.create': 'was given to many',
  'command-run.cancel': 'was taken back',
  'runbook.run': 'began to run',
  'runbook.end': 'ended its run',
  'asset_view.put': 'was kept',
  'gameday.start': 'began',
  'gameday.end': 'ended',
};
const ENDS: Record<string, string> = { quarantine: 'was quarantined', publish: 'was published', revoke: 'was revoked', cancel: 'was taken back', acknowledge: 'was acknowledged', resolve: 'was resolved', expire: 'was ended', import: 'were imported', promote: 'was promoted', create: 'was created', update: 'was changed', delete: 'was deleted', start: 'was started', pause: 'was paused', resume: 'was resumed', abort: 'was aborted', approve: 'was approved', retry: 'is tried again' };
const NOUNS: Record<string, string> = { asset_type: 'type', 'command-run': 'command', gameday: 'game day' };

/** rollout app-2 opened its next wave: what was done to what, as people say it; an action that is not known here stands as it is. */
export function told({ action, objectKind }: Pick<Change, 'action' | 'objectKind'>): { noun: string; did: string } {
  const verb = action.slice(action.indexOf('.') + 1);
  return { noun: NOUNS[objectKind] ?? objectKind.replaceAll(/[-_]/g, ' '), did: DONE[action] ?? ENDS[verb] ?? verb.replaceAll(/[_-]/g, ' ') };
}

/** Marks that would touch on the graph are one. */
export function clusters<T extends { x: number }>(marks: T[], apart: number): T[][] {
  const ordered = [...marks].sort((one, other) => one.x - other.x);
  const found: T[][] = [];
  for (const mark of ordered) {
    const last = found.at(-1);
    if (last?.[0] !== undefined && mark.x - last[0].x < apart) last.push(mark);
    else found.push([mark]);
  }
  return found;
}

/** Where a step is missing a gap is put, so that no line is drawn over what nobody saw. */
export function gapped<T extends { at: number }>(points: T[], stepMs: number, none: (at: number) => T): T[] {
  const all: T[] = [];
  for (const point of points) {
    const last = all.at(-1);
    if (last !== undefined && point.at - last.at > 1.5 * stepMs) all.push(none(last.at + stepMs));
    all.push(point);
  }
  return all;
}

/** 5m as milliseconds: the server's short form. */
export function millis(text: string): number {
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (found === null) return 60_000;
  return Number(found[1]) * ({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[found[2] ?? 'm'] ?? 60_000);
}

const LEAST_MS = 10 * 60_000;

/** Where the graph begins, in seconds: with the range, or with what is known where that is younger, and never so late that nothing can be seen. */
export function begin(from: string, to: string, since: string | undefined): number {
  const [first, last] = [new Date(from).getTime(), new Date(to).getTime()];
  if (since === undefined) return first / 1000;
  return Math.max(first, Math.min(new Date(since).getTime() - 60_000, last - LEAST_MS)) / 1000;
}
