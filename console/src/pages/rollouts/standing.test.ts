import { expect, test } from 'vitest';
import { effectOfAct, outcomeGate, outcomeText, whyText } from './standing';
import type { Rollout, RolloutStatus } from './rollout';

const STATUS: RolloutStatus = {
  change: 'app 1.5.0',
  phase: 'running',
  why: '',
  since: '2026-01-01T00:00:00Z',
  wave: 'canary',
  targets: 200,
  inFlight: 2,
  counts: { succeeded: 2, failed: 1, verifying: 2, pending: 195 },
  waves: [
    { name: 'canary', state: 'open', targets: 5, manual: false, counts: { succeeded: 2, failed: 1, verifying: 2 } },
    { name: 'all', state: 'waiting', targets: 195, manual: false, counts: { pending: 195 } },
  ],
  leftOut: {},
};
const rollout = (status: Partial<RolloutStatus> = {}, spec: Partial<Rollout['spec']> = {}): Rollout =>
  ({ name: 'r', spec: { change: {}, ...spec }, status: { ...STATUS, ...status }, declared: {} }) as unknown as Rollout;
const target = (fields: { stage: string; wave?: string; reason?: string; detail?: string }) => ({ asset: 'a', wave: 'all', order: 7, attempt: 0, since: STATUS.since, ...fields });

test('a wave shows how far it is from its gate', () => {
  const gate = outcomeGate(STATUS.waves[0]?.counts ?? {}, 5, { threshold: '10%', minSamples: 5 });
  expect(outcomeText(gate)).toBe('1 of 5 that have begun have failed (20 %), it bears 10 %; 3 of 5 have an outcome, judged from 5 on');
  expect(outcomeText(outcomeGate({ pending: 5 }, 5, undefined))).toBe('nobody has begun; 0 of 5 have an outcome, judged from 1 on');
});

test('who confirms an act knows how many it concerns', () => {
  expect(effectOfAct('rollback', STATUS)).toBe('4 assets return to their own previous version; 195 assets never get this one.');
  expect(effectOfAct('promote', STATUS)).toBe('Opens wave all now: 195 assets may get their order, although the gate of the wave before has not passed.');
  expect(effectOfAct('retry', { ...STATUS, phase: 'rolled_back', counts: { rollback_failed: 1 } })).toBe('1 asset that did not get back is sent back once more.');
});

test('of any asset it is told why it waits', () => {
  expect(whyText(rollout(), target({ stage: 'pending' }))).toEqual([
    'Its wave all has not begun: canary is open, where 1 of 5 that have begun have failed (20 %), it bears 10 %; 3 of 5 have an outcome. The next opens when its gates have passed.',
  ]);
  expect(whyText(rollout({ phase: 'paused', why: 'paused: lunch' }), target({ stage: 'pending', wave: 'canary' }))[0]).toBe('The rollout is paused: paused: lunch. Nobody gets an order until a person resumes it.');
  expect(whyText(rollout({ inFlight: 100 }), target({ stage: 'pending', wave: 'canary' }))).toEqual(['100 are under way, which is the most (maxInFlight 100); it follows when one has its outcome.']);
  expect(whyText(rollout(), target({ stage: 'waiting', reason: 'window', detail: 'opens at 22:00' }))).toEqual([
    'Its turn has come, and something is in the way: its window is closed: opens at 22:00.',
    'It gets its order when its window opens, by the clock of its zone.',
  ]);
  expect(whyText(rollout({ phase: 'aborted' }), target({ stage: 'excluded', reason: 'not_started' }))).toEqual(['It is excluded: the rollout ended before its turn.']);
});
