import { expect, it } from 'vitest';
import { above, entryOf } from './screens';

it('marks the entry of the menu that a screen belongs to', () => {
  expect(['/', '/assets/truck-1', '/alerts/0a1b', '/new/alert-rule', '/silences', '/routing', '/commands/runs/7', '/nowhere'].map((path) => entryOf(path))).toEqual([
    '/', '/assets', '/alerts', '/alert-rules', '/alert-rules', '/alert-rules', '/commands', undefined,
  ]);
  expect([entryOf('/assets', 'map'), entryOf('/assets/map', 'map')]).toEqual(['/map', '/assets']);
});

it('knows the list in which an object stands, and that a list stands in none', () => {
  expect(['/rollouts/app-2', '/rollouts/new', '/new/rollout', '/commands/runs/7', '/rollouts', '/routing', '/'].map((path) => above(path)?.title)).toEqual(['Rollouts', 'Rollouts', 'Rollouts', 'Commands', undefined, undefined, undefined]);
});
