import { expect, test } from 'vitest';
import type { Alert } from '../alerts/alert';
import type { Incident } from '../incidents/incident';
import type { Rollout } from '../rollouts/rollout';
import { begin, clusters, gapped, millis, told } from './changes';
import { words } from './failure';
import { cannotAcknowledge, isFor, needsOf, settled, step } from './needs';

const incident = (number: number, part: Partial<Incident>) => ({ number, name: `INC-${number}`, title: 'dark', severity: 'major', state: 'open', owner: '', assets: 3, evidenceAt: '2026-11-26T10:00:00Z', ...part }) as Incident;
const alert = (name: string, part: object) => ({ fingerprint: name, name, summary: 'hot', severity: 'page', state: 'firing', labels: { asset: 'pi-1' }, silencedBy: [], inhibitedBy: [], since: '2026-11-26T10:00:00Z', ...part }) as unknown as Alert;
const rollout = (name: string, phase: string) => ({ name, status: { phase, why: 'gate failed', targets: 5, since: '2026-11-26T10:00:00Z' } }) as unknown as Rollout;

test('what nobody looks after comes first, then what is worst, then what is newest', () => {
  const needs = needsOf(
    [incident(1, { state: 'acknowledged', severity: 'critical', owner: 'ann' }), incident(2, {})],
    [alert('Ticket', { severity: 'ticket' }), alert('Old', {}), alert('New', { since: '2026-11-26T11:00:00Z' }), alert('Seen', { acknowledgement: { by: 'bob' } }), alert('Quiet', { silencedBy: ['s'] })],
    [rollout('app-2', 'paused'), rollout('app-3', 'running')],
  );
  expect(needs.map(({ key }) => key)).toEqual(['alert-New', 'alert-Old', 'INC-2', 'alert-Ticket', 'rollout-app-2', 'INC-1', 'alert-Quiet', 'alert-Seen']);
  expect(needs.filter(settled).map(({ key }) => key)).toEqual(['INC-1', 'alert-Quiet', 'alert-Seen']);
});

test('an alert of which the source cannot tell any more is unknown, not firing', () => {
  expect(needsOf([], [alert('Hot', { unknownSince: '2026-11-26T10:30:00Z' })], [])[0]?.state).toBe('unknown');
});

test('what cannot be acknowledged says why', () => {
  const why = needsOf([incident(1, {}), incident(2, { state: 'mitigated' })], [alert('Hot', { acknowledgement: { by: 'bob' } })], [rollout('app-2', 'paused')]).map((need) => [need.key, cannotAcknowledge(need)]);
  expect(Object.fromEntries(why)).toEqual({ 'INC-1': undefined, 'INC-2': 'it is mitigated already', 'alert-Hot': 'bob looks after it', 'rollout-app-2': 'a rollout is not acknowledged: open it, and resume, abort or roll it back' });
});

test('j and k hold at the ends, and begin at the first', () => {
  const list = [{ key: 'a' }, { key: 'b' }, { key: 'c' }];
  expect([step(list, undefined, 1), step(list, 'gone', -1), step(list, 'a', 1), step(list, 'a', -1), step(list, 'c', 1), step([], 'a', 1)]).toEqual(['a', 'a', 'b', 'a', 'c', undefined]);
});

test('a runbook is for labels that one of its triggers matches as a whole', () => {
  const book = { spec: { triggers: [{ every: '1h' }, { alert: { alertname: 'Hot', asset: '*' } }] } };
  expect([isFor(book, { alertname: 'Hot', asset: 'pi-1' }), isFor(book, { alertname: 'Hot' }), isFor(book, { alertname: 'Cold', asset: 'pi-1' }), isFor({ spec: {} }, {})]).toEqual([true, false, false, false]);
});

test('a change is told in words, and one that is not known as it stands', () => {
  expect(told({ action: 'rollout.open_wave', objectKind: 'rollout' })).toEqual({ noun: 'rollout', did: 'opened its next wave' });
  expect(told({ action: 'asset_type.update', objectKind: 'asset_type' })).toEqual({ noun: 'type', did: 'was changed' });
  expect(told({ action: 'release.end_withholding', objectKind: 'release' })).toEqual({ noun: 'release', did: 'end withholding' });
});

test('marks that would touch are one', () => {
  expect(clusters([{ x: 30 }, { x: 5 }, { x: 14 }, { x: 16 }], 10).map((cluster) => cluster.map(({ x }) => x))).toEqual([[5, 14], [16], [30]]);
});

test('where nobody looked the line has a gap', () => {
  const none = (at: number) => ({ at, value: null as number | null });
  expect(gapped([{ at: 0, value: 1 }, { at: 60_000, value: 2 }, { at: 300_000, value: 3 }], 60_000, none)).toEqual([{ at: 0, value: 1 }, { at: 60_000, value: 2 }, { at: 120_000, value: null }, { at: 300_000, value: 3 }]);
  expect([millis('1m'), millis('6h'), millis('1d'), millis('odd')]).toEqual([60_000, 21_600_000, 86_400_000, 60_000]);
});

test('what failed is told in a few words', () => {
  expect(words({ category: 'command', what: 'reboot', how: 'failed', count: 3 })).toBe('reboot failed 3 ×');
  expect(words({ category: 'rollout', what: 'app-2', how: 'failed, timed_out', count: 1 })).toBe('app-2: failed, timed out');
  expect(words({ category: 'offline', what: 'connection_lost', how: '', count: 12 })).toBe('went offline 12 ×: connection lost');
  expect(words({ category: 'offline', what: 'server_shutting_down: server shutting down', how: '', count: 1 })).toBe('went offline: server shutting down');
});

test('a graph of a young fleet begins with it', () => {
  const to = '2026-11-26T12:00:00Z';
  const at = (text: string) => new Date(text).getTime() / 1000;
  expect(begin('2026-11-26T06:00:00Z', to, undefined)).toBe(at('2026-11-26T06:00:00Z'));
  expect(begin('2026-11-26T06:00:00Z', to, '2026-11-20T00:00:00Z')).toBe(at('2026-11-26T06:00:00Z'));
  expect(begin('2026-11-26T06:00:00Z', to, '2026-11-26T11:00:00Z')).toBe(at('2026-11-26T10:59:00Z'));
  expect(begin('2026-11-26T06:00:00Z', to, '2026-11-26T11:59:00Z')).toBe(at('2026-11-26T11:50:00Z'));
});
