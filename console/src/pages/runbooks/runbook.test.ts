import { expect, test } from 'vitest';
import { alone, commandOf, declaredStep, guardsOf, isStartedBy, labelsAsked, labelsIn, meaning, pairs, triggersOf, written } from './runbook';

test('a trigger says what starts it', () => {
  expect(triggersOf({ triggers: [{ alert: { alertname: 'DiskFull', asset: '*', team: 'x' } }, { every: '24h' }] })).toEqual(['alert DiskFull with asset team=x', 'every 24h']);
});

test('an alert starts the runbooks whose labels it has, all of them', () => {
  const spec = { triggers: [{ every: '1h' }, { alert: { alertname: 'DiskFull', asset: '*' } }] };
  expect([{ alertname: 'DiskFull', asset: 'pi-1' }, { alertname: 'DiskFull' }, { alertname: 'X', asset: 'pi-1' }].map((labels) => isStartedBy(spec, labels))).toEqual([true, false, false]);
  expect(isStartedBy({ triggers: [{ every: '1h' }] }, {})).toBe(false);
});

test('every kind of step says what it does, and whether it touches anything', () => {
  const steps: Record<string, unknown>[] = [
    { name: 'restart', command: { name: 'reboot' }, retries: 1, onError: 'continue' },
    { waitFor: { selector: "asset.presence == 'online'" } },
    { waitFor: { metric: 'disk.free', min: 5 } },
    { waitFor: { alert: 'resolved' } },
    { require: { sli: 'uptime', window: '30m', atLeast: '99%' } },
    { pause: '30s' },
  ];
  expect(steps.map(declaredStep).map(({ name, does, touches }) => [name, does, touches])).toEqual([
    ['restart', 'gives the command reboot to every target', true],
    ['waitFor-2', "waits until all targets are asset.presence == 'online'", false],
    ['waitFor-3', 'waits until disk.free is at least 5 on every target', false],
    ['waitFor-4', 'waits until the alert is over', false],
    ['require-5', 'requires that uptime of fleet over 30m is at least 99%', false],
    ['pause-6', 'waits 30s', false],
  ]);
  expect(declaredStep(steps[0] ?? {}, 0).rest).toEqual(['at most 10m', 'tried 2 times', 'goes on when it fails']);
});

test('guards that are not declared hold with their defaults', () => {
  expect(guardsOf({ maxAssets: 3, window: { from: '22:00', to: '06:00', zone: 'UTC' } }).map(({ says, declared }) => `${declared ? '' : 'default: '}${says}`)).toEqual([
    'touches at most 3 assets',
    'default: and at most 10% of the fleet, when more than one',
    'default: starts at most 10 times in 1h',
    'default: waits 15m between runs about the same',
    'only from 22:00 to 06:00 UTC',
    'default: more than 100 targets wait for a second person',
  ]);
});

test('labels are asked for that steps use or triggers want; tests of the document ask for none', () => {
  const spec = { triggers: [{ alert: { alertname: 'X', asset: '*' } }], steps: [{ ticket: { summary: '${labels.place} ${labels.place}' } }], tests: [{ x: '${labels.no}' }] };
  expect(labelsIn(spec)).toEqual(['place']);
  expect(labelsAsked(spec)).toEqual(['place', 'asset']);
  expect(labelsAsked({ steps: [] }), 'something has to name the assets').toEqual(['asset']);
  expect(labelsAsked({ targets: 'true', steps: [] })).toEqual([]);
});

test('labels in an address are read as they were written', () => {
  expect(pairs(written({ asset: 'pi-1', place: 'a=b', none: '' }))).toEqual({ asset: 'pi-1', place: 'a=b' });
  expect(pairs(undefined)).toEqual({});
});

test('the command does what the form does', () => {
  expect(commandOf('run', 'pos-restart', { labels: { asset: 'pos-1', none: '' }, parameters: { wait: '5 min' }, selector: "asset.id == 'a'" })).toBe(
    `muster runbook run pos-restart --label asset=pos-1 --param 'wait=5 min' --selector 'asset.id == '\\''a'\\'''`,
  );
});

test('of no closed incident there is no share, and it is never rounded up', () => {
  expect([alone(undefined), alone({ incidents: 0, withoutPerson: 0 }), alone({ incidents: 3, withoutPerson: 2 })]).toEqual(['–', '–', '66 % of 3']);
});

test('indeterminate is said plainly', () => {
  expect(meaning({ phase: 'indeterminate', reason: 'tell is indeterminate' })?.title).toBe('Nobody knows whether it happened');
  expect(meaning({ phase: 'succeeded', reason: '' })).toBeUndefined();
});
