import { expect, test } from 'vitest';
import { PRESETS, STEPS, draftOf, documentOf, effectOf, freshDraft, nameFor, presetOf, stepOf, withFields } from './draft';
import { GATE_KINDS, kindOf, newGate } from './gates';

test('a draft begins with what its link names, in the normal way', () => {
  expect(freshDraft({ release: 'app@1.5.0', selector: 'true' })).toEqual({ name: 'app-1-5-0', spec: { selector: 'true', change: { release: { component: 'app', version: '1.5.0' } }, ...PRESETS[1]?.fields } });
  expect(presetOf(freshDraft({}).spec)).toBe('normal');
  expect(nameFor('app', '2.0.0-RC.1+b')).toBe('app-2-0-0-rc-1-b');
});

test('a preset is known until one of its numbers is another', () => {
  for (const preset of PRESETS) expect(presetOf({ selector: 'x', ...preset.fields })).toBe(preset.key);
  expect(presetOf({ ...PRESETS[0]?.fields, soak: '2h' })).toBe(undefined);
});

test('a document is a draft and back, also in what no field shows', () => {
  const draft = { name: 'a', spec: { selector: 'true', retries: { limit: 2 } } };
  expect(draftOf(documentOf(draft))).toEqual(draft);
  expect(draftOf({ kind: 'Group', spec: {} })).toBe('is of kind Group; here it is Rollout');
  expect(withFields(draft.spec, { selector: '', retries: undefined })).toEqual({});
});

test('what the server says about a field is shown on the step that asks for it', () => {
  const fields = ['spec.change.release.version', 'spec.selector', 'spec.waves[1].percent', 'spec.gates[0].check', 'spec.window.zone'];
  expect(fields.map(stepOf)).toEqual(STEPS.slice(0, 5).map((step) => step.key));
});

test('starting is told by its numbers', () => {
  const wave = (name: string, targets: number, manual = false) => ({ name, targets, manual, assets: [], strata: [] });
  expect(effectOf({ selected: 210, targets: 200, waves: [wave('canary', 3), wave('early', 0), wave('all', 197, true)] })).toBe(
    'Starts updating 3 of 200 assets (canary), then 197 more (all, when a person lets it); a wave begins when the gates of the one before have passed.',
  );
  expect(effectOf({ selected: 1, targets: 1, waves: [wave('all', 1)] })).toBe('Starts updating 1 of 1 asset (all).');
  expect(effectOf({ selected: 0, targets: 0, waves: [] })).toBe('No asset is selected that needs it, so it cannot start.');
});

test('a gate in words is known again from its expression', () => {
  for (const kind of GATE_KINDS) {
    const gate = newGate(kind, []);
    expect(kindOf(gate)?.kind.key).toBe(kind.key);
    expect(kindOf(gate)?.values).toEqual(Object.fromEntries(kind.fields.map((field) => [field.key, field.initial])));
  }
  expect(kindOf({ check: 'wave.failed < 3' })).toBe(undefined);
  expect(newGate(GATE_KINDS[1], ['online'])).toEqual({ name: 'online-2', check: 'wave.online >= 0.98' });
  expect(newGate(GATE_KINDS[2], [])).toEqual({ name: 'errors', check: 'wave.errorRate <= 1.0' });
});
