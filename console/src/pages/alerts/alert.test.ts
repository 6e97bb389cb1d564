import { expect, test } from 'vitest';
import { about, assetsOf, heldBy, matcher, narrowest } from './alert';

const GATEWAY = { label: 'gateway', value: 'gw-3', alerts: 12, of: 14, first: ['pos-1'] };

test('an alert names its one asset, or what many have in common and how many of how many', () => {
  expect(about({ labels: { asset: 'pos-1' } })).toBe('pos-1');
  expect(about({ labels: {}, cause: GATEWAY })).toBe('gateway gw-3: 12 of 14 assets');
  expect(about({ labels: {}, cause: { ...GATEWAY, label: 'selection', value: '' } })).toBe('12 of 14 assets');
  expect(about({ labels: { site: 'hall-3', gateway: 'gw-7' } })).toBe('gateway gw-7');
  expect(about({ labels: { alertname: 'BackupOld' } })).toBe('–');
  expect(about({ labels: { release: 'app@1.6.0' } })).toBe('release app@1.6.0');
  expect(about({ labels: { release: 'configuration/wifi@3' } }), 'a rollout of a configuration brings no release').toBe('configuration wifi@3');
});

test('it stands for as many assets as its cause counts, for one, or for none', () => {
  expect([assetsOf({ labels: {}, cause: GATEWAY }), assetsOf({ labels: { asset: 'a' } }), assetsOf({ labels: { slo: 'a' } })]).toEqual([12, 1, 0]);
});

test('what is silenced and inhibited is called silenced', () => {
  expect(heldBy({ silencedBy: ['s'], inhibitedBy: ['i'] })).toBe('silenced');
  expect(heldBy({ silencedBy: [], inhibitedBy: ['i'] })).toBe('inhibited');
  expect(heldBy({ silencedBy: [], inhibitedBy: [] })).toBeUndefined();
});

test('a matcher keeps quotes, backslashes and line breaks of a value', () => {
  expect(matcher('site', 'a "b"\\c\nd')).toBe('site="a \\"b\\"\\\\c\\nd"');
});

test('a silence begins with the name and what the alert is about, not with all alerts of the severity', () => {
  expect(narrowest({ alertname: 'Hot', asset: 'a', severity: 'page' })).toEqual(['alertname', 'asset']);
  expect(narrowest({ alertname: 'Hot', gateway: 'gw-3' }, GATEWAY)).toEqual(['alertname', 'gateway']);
  expect(narrowest({ alertname: 'Hot', slo: 'x' })).toEqual(['alertname', 'slo']);
  expect(narrowest({ alertname: 'Hot', severity: 'page' })).toEqual(['alertname']);
});
