import { expect, it } from 'vitest';
import { backlog } from './backlog';

it('tells what waits from what was handed over and what is being done', () => {
  const at = (minute: number) => `2026-11-26T12:0${minute}:00Z`;
  expect(backlog([
    { status: 'queued', createdAt: at(1) },
    { status: 'pending', createdAt: at(2), pendingAt: at(4) },
    { status: 'pending', createdAt: at(3), pendingAt: at(3) },
    { status: 'pending', createdAt: at(1), pendingAt: at(1), sentAt: at(2) },
    { status: 'accepted', createdAt: at(1) },
    { status: 'running', createdAt: at(1) },
  ])).toEqual({ queued: 1, pending: 2, sent: 1, running: 2, oldest: at(3) });
});
