import { expect, test, vi } from 'vitest';

vi.stubGlobal('window', { setInterval: () => 0 });
const { actsOf, changed, commandOf, marks, openFirst, overdue } = await import('./incident');

const T0 = '2026-01-05T08:00:00Z';
const NOW = Date.parse('2026-01-05T09:00:00Z');

test('times run from the first sign; what is not reached says how long it has been waited for', () => {
  const running = marks({ evidenceAt: T0, detectedAt: '2026-01-05T08:02:00Z' }, NOW);
  expect(running.map(({ title, text }) => `${title} ${text}`)).toEqual(['to detect 2 min', 'to notify not yet, for 1 h', 'to acknowledge not yet, for 1 h', 'to mitigate not yet, for 1 h', 'to close not yet, for 1 h']);
});

test('of one that is over nothing is waited for any more', () => {
  const over = marks({ evidenceAt: T0, detectedAt: T0, resolvedAt: '2026-01-05T08:30:00Z' }, NOW);
  expect(over.map(({ text }) => text)).toEqual(['0 s', 'nobody was told', 'nobody had to', 'with the close', '30 min']);
});

test('what may be done goes by where it stands, and nothing by a state that is not known', () => {
  expect(['open', 'acknowledged', 'mitigated', 'resolved', 'new'].map((state) => actsOf(state).map(({ path }) => path))).toEqual([
    ['acknowledge', 'mitigate', 'resolve'], ['mitigate', 'resolve'], ['resolve'], ['reopen'], [],
  ]);
  expect(actsOf('mitigated', '').map(({ path }) => path), 'one that nobody owns can be taken').toEqual(['acknowledge', 'resolve']);
});

test('the command says the reason, or asks for it where it is needed', () => {
  const [acknowledge, mitigate, resolve] = actsOf('open');
  if (!acknowledge || !mitigate || !resolve) throw new Error('an open one has three');
  expect(commandOf(acknowledge, 'INC-1', 'x', false)).toBe('muster incident ack INC-1');
  expect(commandOf(mitigate, 'INC-1', '', false)).toBe('muster incident mitigate INC-1');
  expect(commandOf(resolve, 'INC-1', '', false)).toBe('muster incident resolve INC-1 --reason REASON');
  expect(commandOf(resolve, 'INC-1', 'new uplink', true)).toBe("muster incident resolve INC-1 --reason 'new uplink' --force");
});

test('open ones stand before those that are over, both in the order in which they came', () => {
  const all = [{ state: 'resolved', name: '4' }, { state: 'open', name: '3' }, { state: 'resolved', name: '2' }, { state: 'mitigated', name: '1' }] as const;
  expect(openFirst([...all]).map(({ name }) => name)).toEqual(['3', '1', '4', '2']);
});

test('only what was changed is sent, so that others keep their words', () => {
  expect(changed({ summary: 'a ', cause: 'new', lessons: '' }, { summary: 'a', lessons: 'old' })).toEqual({ cause: 'new', lessons: '' });
});

test('what is done is never overdue', () => {
  expect([overdue({ due: '2026-01-04' }, '2026-01-05'), overdue({ due: '2026-01-05' }, '2026-01-05'), overdue({ due: '2026-01-01', doneAt: '2026-01-02T00:00:00Z' }, '2026-01-05')]).toEqual([true, false, false]);
});
