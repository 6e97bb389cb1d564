import { expect, test } from 'vitest';
import { days, flat, lanes, looksAt, nowAndNext, quoted, routeName } from './alerting';

test('a rule says in one line what it looks at', () => {
  expect([
    looksAt({ threshold: { metric: 'coolant', above: 95, clear: 90 } }),
    looksAt({ absence: { longerThan: '10m' } }),
    looksAt({ rate: { metric: 'fuel', below: -2, per: '1m', over: '5m' } }),
    looksAt({ expression: { cel: 'asset.drift > 0' } }),
    looksAt(undefined),
  ]).toEqual(['coolant above 95, until 90', 'silent for longer than 10m', 'fuel changes by less than -2 per 1m over 5m', 'asset.drift > 0', 'nothing']);
});

test('firings that overlap stand in lanes of their own, and those without an end reach to it', () => {
  const at = (minute: number) => `2026-01-05T08:${String(minute).padStart(2, '0')}:00Z`;
  const { bars, hidden } = lanes([{ firedAt: at(0), resolvedAt: at(10), summary: 'a' }, { firedAt: at(5), summary: 'b' }, { firedAt: at(20), resolvedAt: at(30), summary: 'c' }, { firedAt: at(21), summary: 'd' }], at(0), at(40), 2);
  expect(bars.map((lane) => lane.map((bar) => `${bar.title} ${bar.left} ${bar.width.toFixed(2)}${bar.open ? ' open' : ''}`))).toEqual([['a 0 0.25', 'c 0.5 0.25'], ['b 0.125 0.88 open']]);
  expect(hidden).toBe(1);
});

test('a turn over midnight is in both days', () => {
  const from = new Date(2026, 0, 5);
  const at = (day: number, hour: number) => new Date(2026, 0, day, hour).toISOString();
  const shifts = [{ person: 'ann', from: at(5, 0), to: at(6, 12) }, { person: 'bob', from: at(6, 12), to: at(7, 0), override: 'o-1' }];
  expect(days(shifts, from, 2).map(({ blocks }) => blocks.map((block) => `${block.person} ${block.left} ${block.width} ${block.override ?? ''}`.trim()))).toEqual([['ann 0 1'], ['ann 0 0.5', 'bob 0.5 0.5 o-1']]);
  expect(nowAndNext(shifts, Date.parse(at(5, 8)))).toEqual({ now: shifts[0], next: shifts[1] });
  expect(nowAndNext([], 0)).toEqual({ now: undefined, next: undefined });
});

test('a route inherits the receiver of the one above', () => {
  expect(flat({ receiver: 'default', group_by: ['alertname'], routes: [{ matchers: ['severity="ticket"'], receiver: 'tickets', routes: [{ match: { team: 'x' }, continue: true }] }] }).map(({ depth, matchers, receiver, own, goesOn }) => `${depth} ${matchers.join()} ${receiver} ${own} ${goesOn}`)).toEqual([
    '0  default true false', '1 severity="ticket" tickets true false', '2 team="x" tickets false true',
  ]);
});

test('a matcher is quoted, or is none', () => {
  expect(['site=hall-3', 'site="hall 3"', 'alertname=~"Disk.*"', 'severity != page', 'hall-3', '=x', 'a b=c'].map(quoted)).toEqual(['site="hall-3"', 'site="hall 3"', 'alertname=~"Disk.*"', 'severity!="page"', undefined, undefined, undefined]);
});

test('the root of the routes is called by what it takes', () => {
  expect(['{}', '{}/{severity="ticket"}', '{}/{severity="page"}/{site="hall-3"}'].map(routeName)).toEqual(['everything', '{severity="ticket"}', '{severity="page"}/{site="hall-3"}']);
});
