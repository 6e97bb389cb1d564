import { expect, it } from 'vitest';
import { NOTHING, editOf, labelsOf, toldOf } from './edit';

it('sends what was typed and nothing else', () => {
  expect(editOf(NOTHING)).toBeUndefined();
  expect(editOf({ ...NOTHING, labels: [{ key: 'ring', value: '', away: false }] })).toBeUndefined();
  const edit = editOf({ labels: [{ key: ' ring ', value: 'canary', away: false }, { key: 'old', value: 'x', away: true }], owner: ' ops ', region: '', site: '', lifecycle: 'maintenance' });
  expect(edit).toEqual({ labels: { ring: 'canary', old: '' }, owner: 'ops', lifecycle: 'maintenance' });
  expect(toldOf(edit ?? {})).toBe('ring=canary, without old, owner ops, lifecycle maintenance');
});

it('knows by which labels an asset gets into a group', () => {
  expect(labelsOf("asset.labels.ring == 'canary' && (asset.labels['rack/row'] == '7')")).toEqual({ ring: 'canary', 'rack/row': '7' });
  expect(labelsOf("asset.labels.ring == 'a' || asset.labels.ring == 'b'")).toBeUndefined();
  expect(labelsOf("asset.labels.ring == 'a' && asset.type == 'pos'")).toBeUndefined();
  expect(labelsOf("asset.labels.ring == 'a' && asset.labels.ring == 'b'")).toBeUndefined();
});
