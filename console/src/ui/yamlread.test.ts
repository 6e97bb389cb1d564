import { expect, test } from 'vitest';
import { yaml } from './yaml';
import { placeOf, readYaml } from './yamlread';

const ROLLOUT = {
  apiVersion: 'muster.dev/v1',
  kind: 'Rollout',
  metadata: { name: 'app-1-5' },
  spec: {
    selector: "asset.type == 'vehicle' && asset.labels.channel in ['staging', 'stable']",
    change: { release: { component: 'app', version: '1.10' } },
    description: 'two lines\nof text\n',
    waves: [{ name: 'canary', count: 5 }, { name: 'all', percent: '100%', manual: true }],
    window: { days: ['mon', 'tue'], from: '22:00', to: '04:00' },
    gates: [{ name: 'calm', check: 'wave.restarts == 0 &&\nwave.online >= 0.98', metrics: {} }],
    none: null,
    empty: [],
    ratio: -0.5,
  },
};

test('what was written is read again', () => {
  const { value, mistakes } = readYaml(yaml(ROLLOUT));
  expect(mistakes).toEqual([]);
  expect(value).toEqual(ROLLOUT);
});

test('what people write is read as the server reads it', () => {
  const { value, mistakes } = readYaml(`# a comment
a: {x: 1, y: [mon, "tue"], z: 'it''s'}
b:
- 1.5.0
- "1.5"
- yes
- ~
c: >
  folded
  text
d: |-
    kept
      as it is
e:
`);
  expect(mistakes).toEqual([]);
  expect(value).toEqual({ a: { x: 1, y: ['mon', 'tue'], z: "it's" }, b: ['1.5.0', '1.5', 'yes', null], c: 'folded text\n', d: 'kept\n  as it is', e: null });
});

test('what is wrong is said where it is', () => {
  const text = 'a: 1\na: 2\nb: *c\n';
  expect(readYaml(text).mistakes.map(({ from, to, message }) => `${text.slice(from, to)} ${message}`)).toEqual([
    'a says a a second time',
    '*c is an anchor, an alias or a tag, which is not read here; write the value itself',
  ]);
  expect(readYaml('a: [1, 2').mistakes).not.toEqual([]);
});

test('a field is found in the text, a missing one by what is around it', () => {
  const text = yaml(ROLLOUT);
  const { places } = readYaml(text);
  const line = (path: string) => {
    const place = placeOf(places, path);
    return place && text.slice(0, place.from).split('\n').length;
  };
  expect(text.split('\n')[(line('spec.waves[1].percent') ?? 0) - 1]).toBe('      percent: "100%"');
  expect(line('spec.waves[1].minimum')).toBe(line('spec.waves[1]'));
  expect(line('spec.nothing')).toBe(line('spec'));
  expect(line('elsewhere')).toBe(undefined);
});
